# The commands of this project. Each installs what it needs and is missing (Debian), says so, and asks nothing.

help:
	@echo 'make demo    build all, then watch a server and its clients; half a minute'
	@echo 'make build   libhawser and examples-c into build/'
	@echo 'make test    the tests; a few minutes, ends in one line of counts'
	@echo 'make test-all    with those whose toolchains take long to install (C#, Swift, Godot, and a Rust for aarch64)'
	@echo 'make bench   hws_echo against an echo of bytes, plain, over TLS, compressed, in a crowd, in other languages, and beside other'
	@echo '             libraries; 45 minutes'
	@echo 'make bench-quick    the same beside three of them, in two minutes'
	@echo 'make soak    connections and servers die at random for ten minutes, or SECONDS=120: nothing may grow'
	@echo 'make clean   remove all of that, except the tools in .tools/'

demo:
	@scripts/demo

build:
	@scripts/build

test:
	@scripts/test

test-all:
	@scripts/test --all

bench: build
	@scripts/need python3 strace valgrind openssl /usr/include/openssl/ssl.h=libssl-dev /usr/include/zlib.h=zlib1g-dev node=nodejs
	@scripts/peers-install
	@scripts/bench-peers-install
	@bench/run --build build --hws-echo build/bin/hws_echo $(BENCH_FLAGS)

bench-quick: build
	@scripts/need python3 /usr/include/openssl/ssl.h=libssl-dev openssl /usr/include/zlib.h=zlib1g-dev
	@scripts/bench-peers-install uws sockudo_ws tokio_websockets
	@bench/run --build build --hws-echo build/bin/hws_echo --cells peers --quick

soak: build
	@scripts/soak $(or $(SECONDS),600) $(SEED)

clean:
	rm -rf build reports target

.PHONY: help demo build test test-all bench bench-quick soak clean
