# What can be asked of this tree; `make help` lists it. Only Rust, a C compiler and make are needed to build and for the demo;
# `make test` installs the rest of what it needs and says so.

PREFIX ?= /usr/local
DESTDIR ?=
CARGO ?= cargo
INSTALL ?= install

VERSION := $(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
# The soname: it changes with the C ABI alone.
SONAME := libearwig.so.0
# What Asterisk's AMD() says of the corpus.
AMD = $(or $(CARGO_TARGET_DIR),target)/amd.csv
RELEASE = $(or $(CARGO_TARGET_DIR),target)/release

.PHONY: all help test test-fresh tsan docs demo demo-asterisk freeswitch freeswitch-table accuracy bench bench-recorder header install uninstall clean

all: ## build libearwig.so, libearwig.a and the earwig command (release)
	$(CARGO) build --release --package earwig --package earwig-cli

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r target what; do \
	  printf '  make %-17s %s\n' "$$target" "$$what"; done

test: ## everything: installs what it needs, then all tests and gates
	scripts/test.sh

test-fresh: ## `make test` of the last commit in a bare Debian 12 (as root; ARGS='make demo': another command)
	scripts/fresh_root.sh $(if $(ARGS),'$(ARGS)')

tsan: all ## the C tests under ThreadSanitizer
	scripts/tsan.sh $(ARGS)

docs: ## render guides, reference, internals, the C header and rustdoc to target/docs (the first time, install mdBook there)
	scripts/docs.sh

demo: ## build the library and a C host, and play sample calls to it
	examples/demo.sh

demo-asterisk: ## a real call through Asterisk
	hosts/asterisk/demo.sh

freeswitch: ## mod_earwig, where FreeSWITCH's headers are found (FREESWITCH=its prefix, or PKG_CONFIG_PATH)
	hosts/freeswitch/build.sh

freeswitch-table: ## calls through FreeSWITCH (FREESWITCH=its prefix): what was seen, for docs/reports/freeswitch.md
	hosts/freeswitch/test/run.sh --write

accuracy: ## how well digits, machines, tones and voice are heard, beside other detectors
	@test -e '$(AMD)' || benches/amd.py '$(AMD)' || echo "Asterisk's AMD() is left out."
	$(CARGO) run --release --package earwig-benches --bin accuracy -- --write docs/reports/accuracy.md --amd '$(AMD)'

# EARWIG_PEERS says which peers are linked: all, none, found (those that are installed, the default) or a list of spandsp, sox,
# speexdsp, soxr.
bench: ## how fast it is, beside its peers (ARGS=--everything: with all detectors on; --recorder; EARWIG_PEERS=all|none|found)
	$(CARGO) run --release --package earwig-benches --features webrtc-vad --bin bench -- $(ARGS)

bench-recorder: ## 1,000 recordings at once in real time, every byte checked (ARGS='--channels N --seconds N --format alaw|s16')
	$(CARGO) run --release --package earwig-benches --bin record -- $(ARGS)

header: ## write include/earwig.h anew from the sources
	EARWIG_WRITE_HEADER=1 $(CARGO) build --package earwig

install: all ## install to DESTDIR and PREFIX (/usr/local): library, header, earwig.pc, the command
	$(INSTALL) -d '$(DESTDIR)$(PREFIX)/lib/pkgconfig' '$(DESTDIR)$(PREFIX)/include' '$(DESTDIR)$(PREFIX)/bin'
	$(INSTALL) -m 755 '$(RELEASE)/libearwig.so' '$(DESTDIR)$(PREFIX)/lib/libearwig.so.$(VERSION)'
	ln -sf 'libearwig.so.$(VERSION)' '$(DESTDIR)$(PREFIX)/lib/$(SONAME)'
	ln -sf '$(SONAME)' '$(DESTDIR)$(PREFIX)/lib/libearwig.so'
	$(INSTALL) -m 644 '$(RELEASE)/libearwig.a' '$(DESTDIR)$(PREFIX)/lib/libearwig.a'
	$(INSTALL) -m 644 include/earwig.h '$(DESTDIR)$(PREFIX)/include/earwig.h'
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' earwig.pc.in > '$(DESTDIR)$(PREFIX)/lib/pkgconfig/earwig.pc'
	$(INSTALL) -m 755 '$(RELEASE)/earwig' '$(DESTDIR)$(PREFIX)/bin/earwig'

uninstall: ## take out what install put in
	rm -f '$(DESTDIR)$(PREFIX)/lib/libearwig.so.$(VERSION)' '$(DESTDIR)$(PREFIX)/lib/$(SONAME)' \
	  '$(DESTDIR)$(PREFIX)/lib/libearwig.so' '$(DESTDIR)$(PREFIX)/lib/libearwig.a' \
	  '$(DESTDIR)$(PREFIX)/include/earwig.h' '$(DESTDIR)$(PREFIX)/lib/pkgconfig/earwig.pc' \
	  '$(DESTDIR)$(PREFIX)/bin/earwig'

clean: ## remove what was built
	$(CARGO) clean
