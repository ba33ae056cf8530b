# Short front for meson. `make demo` and `make test` install what they need (Debian 12; as root or with sudo).
# Says nothing but what went wrong, and what takes long.
WITH_TESTS = { meson configure build -Dtests=true -Dwerror=true && ninja -C build --quiet; } >build/tests-build.log 2>&1 || \
	{ cat build/tests-build.log; exit 1; }

# BUILD is for `make build` and `make install` alone. WERROR=true makes warnings errors, as the tests have it.
BUILD ?= build
PREFIX ?= /usr/local
WERROR ?= false
ARGS ?=

.PHONY: build demo test check bench bench-scale fuzz lint tidy format screenshots pictures install clean deps-build

build: deps-build
	@{ test -f $(BUILD)/build.ninja && ninja -C $(BUILD) -n | grep -q 'no work to do'; } || \
		echo "building, about a minute if all of it is new" >&2
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) --buildtype=release --prefix=$(PREFIX) -Dtests=false \
		-Dwerror=$(WERROR) >build.log 2>&1 || { cat build.log; rm -rf $(BUILD); exit 1; }
	@rm -f build.log
	@ninja -C $(BUILD) --quiet

deps-build:
	@tools/deps.sh build

demo:
	@tools/deps.sh demo
	@$(MAKE) --no-print-directory build
	@echo "starting the sandbox, a bank and a tax authority" >&2
	@demo/run.sh $(ARGS)

test:
	@tools/deps.sh test
	@$(MAKE) --no-print-directory build WERROR=true
	@$(WITH_TESTS)
	@tests/run $(ARGS)

# What one runs while working: lint, units, stores, the API on SQLite.
check:
	@tools/deps.sh test
	@$(MAKE) --no-print-directory build WERROR=true
	@$(WITH_TESTS)
	@tests/run check

bench:
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory build WERROR=true
	@$(WITH_TESTS)
	@tests/bench/run $(ARGS)

# Ten thousand consents beside ten million: about 15 GB under build/ until ARGS=--clean.
bench-scale:
	@tools/deps.sh bench
	@$(MAKE) --no-print-directory build WERROR=true
	@$(WITH_TESTS)
	@tests/bench/scale $(ARGS)

# Every fuzz target for ten minutes; ARGS="60 fuzz_json": one of them for a minute.
fuzz:
	@tools/deps.sh fuzz
	@tests/fuzz/run $(ARGS)

lint:
	@tools/deps.sh test
	@$(MAKE) --no-print-directory build WERROR=true
	@tests/lint/run

# Slow: every file goes through the analyzer. What is on and off, and why: .clang-tidy.
tidy: build
	@command -v clang-tidy >/dev/null || { echo "make tidy needs the package clang-tidy" >&2; exit 1; }
	@git ls-files 'src/*.c' 'lib/*.c' 'demo/*.c' | xargs -n 4 -P 2 clang-tidy --quiet -p build

# Every page and state in three languages, on a phone and on a desktop, into build/screenshots/.
screenshots:
	@tools/deps.sh test
	@$(MAKE) --no-print-directory build WERROR=true
	@node tests/browser/screenshots.mjs $(ARGS)

# The pictures of the README and the docs, made anew in docs/images/.
pictures:
	@tools/deps.sh test
	@$(MAKE) --no-print-directory build WERROR=true
	@node tests/browser/pictures.mjs

format:
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format -i

# What is installed says its prefix: it is made anew for another one.
install: build
	@meson configure $(BUILD) -Dprefix=$(PREFIX)
	@ninja -C $(BUILD) --quiet >/dev/null
	@DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild --quiet

clean:
	rm -rf build build-*
