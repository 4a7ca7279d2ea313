# The commands of this project. Each installs what it needs and is missing (Debian), says so, and asks nothing.

help:
	@echo 'make demo    build all, then watch a server and its clients; half a minute'
	@echo 'make build   libhawser and examples-c into build/'
	@echo 'make test    every test there is; a few minutes, ends in one line of counts'
	@echo 'make bench   hws_echo against the floor: a raw TCP echo'
	@echo 'make clean   remove all of that, except the tools in .tools/'

demo build test:
	@scripts/$@

bench: build
	@bench/run

clean:
	rm -rf build reports target

.PHONY: help demo build test bench clean
