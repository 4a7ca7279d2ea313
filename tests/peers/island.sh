#!/bin/sh
# island.sh HOSTS: makes the namespaces it is started in an island, says so, and stays until its input ends.
set -e

ip link set lo up
ip addr add fd00::1/128 dev lo
ip addr add fd00::2/128 dev lo
ip addr add fd00::10/128 dev lo preferred_lft 0 # deprecated: the resolver sorts it behind all others (RFC 6724, rule 3)

# What goes to sea is never seen again: a dummy device swallows it, or a tun device that nobody reads.
ip link add sea type dummy 2>/dev/null || ip tuntap add sea mode tun
ip link set sea up
ip addr add 192.0.2.254/24 dev sea
ip addr add 2001:db8::ffff/64 dev sea nodad
for host in 192.0.2.1 2001:db8::1 2001:db8::2 2001:db8::3 2001:db8::4 2001:db8::5 2001:db8::6 2001:db8::7 2001:db8::8 \
    2001:db8::9; do
    # a neighbour that need not be asked for, or the kernel would soon report that there is none
    ip neigh add "$host" lladdr 02:00:00:00:00:01 dev sea nud permanent 2>/dev/null || :
done

mount --bind "$1" /etc/hosts
echo "island $$"
cat >/dev/null
