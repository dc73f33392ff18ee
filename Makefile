# `make help` lists the targets. Building and the demo need only Rust, a C compiler and make; `make test` installs the packages that
# it needs, and names them.

PREFIX ?= /usr/local
DESTDIR ?=
CARGO ?= cargo
INSTALL ?= install

VERSION := $(shell sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
# Changes only when the C ABI changes.
SONAME := libearwig.so.0
# Verdicts of Asterisk's AMD() on the corpus, written by benches/amd.py.
AMD = $(or $(CARGO_TARGET_DIR),target)/amd.csv
RELEASE = $(or $(CARGO_TARGET_DIR),target)/release

.PHONY: all help test test-fresh tsan fuzz attack soak docs demo demo-asterisk freeswitch freeswitch-table accuracy bench bench-recorder header install uninstall clean

all: ## build libearwig.so, libearwig.a and the earwig command (release)
	$(CARGO) build --release --package earwig --package earwig-cli

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r target what; do \
	  printf '  make %-17s %s\n' "$$target" "$$what"; done

test: ## install the packages that the tests need, then run all tests and gates
	scripts/test.sh

test-fresh: ## run `make test` on the last commit in a bare Debian 12 (as root; ARGS='make demo' runs another command)
	scripts/fresh_root.sh $(if $(ARGS),'$(ARGS)')

tsan: all ## run the C tests under ThreadSanitizer
	scripts/tsan.sh $(ARGS)

fuzz: ## fuzz the library with a stable compiler, FUZZ_SECONDS (60) each target (ARGS='url wav' selects; ARGS=--write: report)
	scripts/fuzz.sh $(ARGS)

attack: all ## break disks, servers, limits and processes around the library (ARGS=--quick, scenarios, or --write: report)
	scripts/attack.sh $(ARGS)

soak: all ## make random calls through the library and both PBXs for HOURS (8), and watch memory (ARGS=--write: report)
	scripts/soak.sh $(ARGS)

docs: ## render the guides, reference, internals, C header and rustdoc to target/docs (installs mdBook there the first time)
	scripts/docs.sh

demo: ## build the library and a C host, and run sample calls through them
	examples/demo.sh

demo-asterisk: ## make a real call through Asterisk
	hosts/asterisk/demo.sh

freeswitch: ## build mod_earwig (FREESWITCH=prefix of FreeSWITCH, or PKG_CONFIG_PATH)
	hosts/freeswitch/build.sh

freeswitch-table: ## make calls through FreeSWITCH (FREESWITCH=prefix) and write the results to docs/reports/freeswitch.md
	hosts/freeswitch/test/run.sh --write

accuracy: ## measure the accuracy of all detectors, write docs/reports/accuracy.md (needs the corpus; ARGS='--set DIR --sentences DIR')
	@test -e '$(AMD)' || benches/amd.py '$(AMD)' || echo "The tables leave out Asterisk's AMD()."
	$(CARGO) run --release --package earwig-benches --bin accuracy -- --write docs/reports/accuracy.md --amd '$(AMD)' $(ARGS)

# EARWIG_PEERS names the libraries to compare with: all, none, found (those that are installed, the default) or a list of spandsp,
# sox, speexdsp, soxr.
bench: ## measure CPU time of earwig and of other libraries (ARGS=--all-on or --recorder: one part; EARWIG_PEERS=all|none|found)
	$(CARGO) run --release --package earwig-benches --features webrtc-vad --bin bench -- $(ARGS)

bench-recorder: ## make 1,000 recordings at once in real time and check every byte (ARGS='--channels N --seconds N --format alaw|s16')
	$(CARGO) run --release --package earwig-benches --bin record -- $(ARGS)

header: ## regenerate include/earwig.h from the sources
	EARWIG_WRITE_HEADER=1 $(CARGO) build --package earwig

install: all ## install library, header, earwig.pc and command to DESTDIR and PREFIX (/usr/local)
	$(INSTALL) -d '$(DESTDIR)$(PREFIX)/lib/pkgconfig' '$(DESTDIR)$(PREFIX)/include' '$(DESTDIR)$(PREFIX)/bin'
	$(INSTALL) -m 755 '$(RELEASE)/libearwig.so' '$(DESTDIR)$(PREFIX)/lib/libearwig.so.$(VERSION)'
	ln -sf 'libearwig.so.$(VERSION)' '$(DESTDIR)$(PREFIX)/lib/$(SONAME)'
	ln -sf '$(SONAME)' '$(DESTDIR)$(PREFIX)/lib/libearwig.so'
	$(INSTALL) -m 644 '$(RELEASE)/libearwig.a' '$(DESTDIR)$(PREFIX)/lib/libearwig.a'
	$(INSTALL) -m 644 include/earwig.h '$(DESTDIR)$(PREFIX)/include/earwig.h'
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|' earwig.pc.in > '$(DESTDIR)$(PREFIX)/lib/pkgconfig/earwig.pc'
	$(INSTALL) -m 755 '$(RELEASE)/earwig' '$(DESTDIR)$(PREFIX)/bin/earwig'

uninstall: ## remove the installed files
	rm -f '$(DESTDIR)$(PREFIX)/lib/libearwig.so.$(VERSION)' '$(DESTDIR)$(PREFIX)/lib/$(SONAME)' \
	  '$(DESTDIR)$(PREFIX)/lib/libearwig.so' '$(DESTDIR)$(PREFIX)/lib/libearwig.a' \
	  '$(DESTDIR)$(PREFIX)/include/earwig.h' '$(DESTDIR)$(PREFIX)/lib/pkgconfig/earwig.pc' \
	  '$(DESTDIR)$(PREFIX)/bin/earwig'

clean: ## remove all build output
	$(CARGO) clean
