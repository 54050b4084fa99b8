# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Works unconfigured: `make setup` once on a fresh Debian or Ubuntu, then `make`, `make demo`, `make check`;
# `make help` lists the rest. Everything built goes to build/<variant>/.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VARIANT ?= release
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
PYTHON  ?= /usr/bin/python3
VERSION := $(file < VERSION)
SOVERSION := 0

variants := release debug asan tsan coverage
$(if $(filter $(VARIANT),$(variants)),,$(error VARIANT is one of: $(variants)))
B := build/$(VARIANT)$(if $(MPI),-mpi)

# ---- packages (Debian and Ubuntu names) -------------------------------------------------------------------------

packages := build-essential pkg-config libgsl-dev libconfig-dev libhdf5-dev libudunits2-dev libnlopt-dev libxxhash-dev check \
            hdf5-tools netcdf-bin gnuplot-nox python3-h5py python3-h5netcdf python3-netcdf4 \
            python3-numpy python3-scipy python3-xarray
packages += $(if $(MPI),openmpi-bin libopenmpi-dev)
packages += $(if $(DEV),clang clang-format-14 clang-tidy cppcheck)

# ---- setup: first and alone -------------------------------------------------------------------------------------
# `make setup check` asks for things that can be looked up only after setup has run; so when setup is among the goals
# this make does nothing but setup, and a second make, which reads this file anew, does the rest.

ifneq ($(filter setup,$(MAKECMDGOALS)),)

rest := $(filter-out setup,$(MAKECMDGOALS))
.PHONY: setup after-setup $(rest)
ifneq ($(rest),)
$(rest): after-setup ; @:
after-setup: setup
	+@$(MAKE) --no-print-directory $(rest)
endif

setup:
	@set -e; \
	if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then \
	    echo "make setup knows Debian and Ubuntu only; please install what these packages hold:" >&2; \
	    echo "    $(strip $(packages))" >&2; \
	    exit 1; \
	fi; \
	missing=; \
	for p in $(packages); do \
	    dpkg-query -W -f='$${db:Status-Status}\n' "$$p" 2>/dev/null | grep -qx installed || missing="$$missing $$p"; \
	done; \
	if [ -z "$$missing" ]; then echo "setup: every package is there"; exit 0; fi; \
	sudo=; \
	if [ "$$(id -u)" -ne 0 ]; then \
	    if ! command -v sudo >/dev/null 2>&1; then \
	        echo "setup: please run as root: apt-get install --no-install-recommends$$missing" >&2; exit 1; \
	    fi; \
	    sudo=sudo; \
	fi; \
	echo "setup: installing$$missing"; \
	apt="$$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"; \
	for again in 1 2 3 4; do if $$apt update; then break; fi; sleep 5; done; \
	$$apt install -y --no-install-recommends $$missing; \
	echo "setup: done"

else # every goal but setup ----------------------------------------------------------------------------------------

# ---- compiler and libraries -------------------------------------------------------------------------------------
# Goals of this list look nothing up, so that they work where only make is installed.

passive := help clean format format-check size
goals   := $(or $(MAKECMDGOALS),all)
missing :=

ifneq ($(filter-out $(passive),$(goals)),)

# $(call pkg,pkg-config names in order of preference): the first that exists
pkg = $(shell for p in $(1); do pkg-config --exists $$p 2>/dev/null && { echo $$p; break; }; done)
# $(call library,VARIABLE,pkg-config names,a header,libraries if pkg-config has never heard of it,Debian package):
# sets VARIABLE_CFLAGS and VARIABLE_LIBS unless the user did, or adds to `missing`
define library
ifeq ($$(strip $$($(1)_LIBS)),)
  $(1)_PC := $$(call pkg,$(2))
  ifneq ($$($(1)_PC),)
    $(1)_CFLAGS := $$(shell pkg-config --cflags $$($(1)_PC))
    $(1)_LIBS   := $$(shell pkg-config --libs $$($(1)_PC))
  else ifneq ($$(wildcard /usr/include/$(3) /usr/local/include/$(3)),)
    $(1)_LIBS   := $(4)
  else
    $(if $(6),$(6),missing) += $(5)
  endif
endif
endef

ifeq ($(shell command -v $(firstword $(CC)) 2>/dev/null),)
  missing += $(if $(filter cc gcc,$(firstword $(CC))),build-essential,$(firstword $(CC)))
endif
$(eval $(call library,GSL,gsl,gsl/gsl_errno.h,-lgsl -lgslcblas -lm,libgsl-dev))
$(eval $(call library,LIBCONFIG,libconfig,libconfig.h,-lconfig,libconfig-dev))
$(eval $(call library,UDUNITS,udunits udunits2,udunits2.h,-ludunits2,libudunits2-dev))
$(eval $(call library,NLOPT,nlopt,nlopt.h,-lnlopt,libnlopt-dev))
$(eval $(call library,XXHASH,libxxhash,xxhash.h,-lxxhash,libxxhash-dev))
ifneq ($(MPI),)
  $(eval $(call library,MPI,ompi-c mpi-c mpich mpi,mpi.h,-lmpi,libopenmpi-dev))
endif
$(eval $(call library,CHECK,check,check.h,-lcheck $(if $(wildcard /usr/lib/*/libsubunit.*),-lsubunit) -lrt -lm,check,missing_check))

# HDF5: on Debian `hdf5` may be the MPI flavour, so the serial one is asked for first. The high-level library is in
# no .pc file and has to stand before -lhdf5.
ifeq ($(strip $(HDF5_LIBS)),)
  HDF5_PC := $(call pkg,hdf5-serial hdf5)
  HDF5_DIR := $(firstword $(wildcard /usr/lib/*/hdf5/serial))
  ifneq ($(HDF5_PC),)
    HDF5_CFLAGS := $(shell pkg-config --cflags $(HDF5_PC))
    HDF5_LIBS   := $(patsubst -lhdf5,-lhdf5_hl -lhdf5,$(shell pkg-config --libs $(HDF5_PC)))
  else ifneq ($(wildcard /usr/include/hdf5/serial/hdf5.h),)
    HDF5_CFLAGS := -I/usr/include/hdf5/serial
    HDF5_LIBS   := -L$(HDF5_DIR) -lhdf5_hl -lhdf5
  else ifneq ($(wildcard /usr/include/hdf5.h /usr/local/include/hdf5.h),)
    HDF5_LIBS   := -lhdf5_hl -lhdf5
  else
    missing += libhdf5-dev
  endif
endif

machine := $(shell $(CC) -dumpmachine 2>/dev/null)

endif # not passive

# expanded in recipes, so that only who compiles something hears of it
need-packages = $(if $(strip $(missing)),$(error not installed: $(strip $(missing)); run `make setup` (Debian, Ubuntu) or install what holds the same on your system))
need-check    = $(if $(strip $(missing_check)),$(error not installed: check (the unit tests' framework); run `make setup` (Debian, Ubuntu) or install what holds the same on your system))

system-include = $(patsubst -I%,-isystem %,$(1))
dep-cflags := $(call system-include,$(GSL_CFLAGS) $(LIBCONFIG_CFLAGS) $(UDUNITS_CFLAGS) $(NLOPT_CFLAGS) $(XXHASH_CFLAGS) $(HDF5_CFLAGS) $(if $(MPI),$(MPI_CFLAGS))) \
              $(if $(MPI),-DMSC_MPI)
dep-libs   := $(if $(MPI),$(MPI_LIBS)) $(HDF5_LIBS) $(LIBCONFIG_LIBS) $(UDUNITS_LIBS) $(NLOPT_LIBS) $(XXHASH_LIBS) $(GSL_LIBS)

# ---- flags ------------------------------------------------------------------------------------------------------

warnings := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wcast-qual -Wwrite-strings -Wvla -Wundef $(if $(WERROR),-Werror)
features := -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE
sanitise := -fno-omit-frame-pointer -fno-sanitize-recover=all

flags-release  := -O3 -g
flags-debug    := -O0 -g3
flags-asan     := -O1 -g $(sanitise) -fsanitize=address,undefined
flags-tsan     := -O1 -g $(sanitise) -fsanitize=thread
flags-coverage := -O0 -g --coverage -fprofile-update=atomic

all-cppflags = -Iinclude -Isrc $(dep-cflags) $(features) -DMSC_VERSION='"$(VERSION)"' $(CPPFLAGS)
# the user's CFLAGS win, except where the bits of a result would depend on them
all-cflags   = -std=c11 $(flags-$(VARIANT)) -fPIC -fvisibility=hidden -pthread $(warnings) $(CFLAGS) \
               -ffp-contract=off -fno-math-errno
all-ldflags  = $(filter -fsanitize=% --coverage,$(flags-$(VARIANT))) -pthread $(LDFLAGS)

# (sanitised code leaves symbols to the program)
no-undefined := -Wl,-z,defs
ifeq ($(filter release debug,$(VARIANT)),)
no-undefined :=
endif

# One kernel source, several instruction sets. The choice is made at run time, so these files alone get these flags;
# a machine which is no x86-64 has the baseline kernel only.
kernel-avx512 := -mavx512f -mavx512dq -mfma
kernel-avx2   := -mavx2 -mfma
$(B)/src/engine/kernel_avx512.o: private per-file := $(kernel-avx512)
$(B)/src/engine/kernel_avx2.o $(B)/src/engine/kernel_avx2_code.o: private per-file := $(kernel-avx2)

# ---- sources ----------------------------------------------------------------------------------------------------

sources := $(sort $(wildcard src/*/*.c))
ifeq ($(filter x86_64-% amd64-%,$(machine)),)
sources := $(filter-out src/engine/kernel_avx%.c,$(sources))
endif
library-sources := $(filter-out src/cli/%,$(sources))
program-sources := $(filter src/cli/%,$(sources))
support-sources := $(sort $(wildcard tests/support/*.c))
test-sources    := $(sort $(wildcard tests/*/test_*.c))
headers         := $(sort $(wildcard include/*.h include/*/*.h include/*/*.def))

object           = $(patsubst %.c,$(B)/%.o,$(1))
library-objects := $(call object,$(library-sources))
program-objects := $(call object,$(program-sources))
support-objects := $(call object,$(support-sources))
test-programs   := $(patsubst %.c,$(B)/%,$(test-sources))

static  := $(B)/libmscsim.a
shared  := $(B)/libmscsim.so.$(SOVERSION)
program := $(B)/mscsim

# ---- building ---------------------------------------------------------------------------------------------------

.PHONY: all FORCE
all: $(program) $(static) $(shared) $(if $(filter release,$(VARIANT)),mscsim)

# that which was made last: with MPI or without
mscsim: FORCE | $(program)
	@ln -sfn $(program) $@

$(if $(VERBOSE),,.SILENT:)
say = @$(if $(VERBOSE),:,printf '  %-5s %s\n' $(1) '$@')

# a change of compiler or flags rebuilds, and nothing else does
stamp-text = $(CC) $(all-cppflags) $(all-cflags) $(kernel-avx512) $(kernel-avx2) $(all-ldflags) $(dep-libs) $(LDLIBS)
stamp = mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' > $@.$$$$; \
        if cmp -s $@.$$$$ $@; then rm $@.$$$$; else mv $@.$$$$ $@; fi
$(B)/flags: FORCE
	@$(call stamp,$(stamp-text))
$(B)/prefix: FORCE
	@$(call stamp,$(PREFIX))

# only who asks for the place of what is installed is rebuilt when that changes
uses-prefix := $(if $(sources),$(shell grep -ls 'MSC_\(MODELS\|CONFIGS\)_DIR' $(sources)))
$(call object,$(uses-prefix)): private models-dir = -DMSC_MODELS_DIR='"$(PREFIX)/share/mscsim/models"' \
    -DMSC_CONFIGS_DIR='"$(PREFIX)/share/mscsim/configs"'
$(call object,$(uses-prefix)): $(B)/prefix

compile = $(CC) $(all-cppflags) $(1) $(all-cflags) -MMD -MP -c -o $@ $<

$(B)/src/%.o: src/%.c $(B)/flags
	$(need-packages)
	$(call say,CC)
	@mkdir -p $(@D)
	$(call compile,$(models-dir)) $(per-file)

$(B)/tests/%.o: tests/%.c $(B)/flags
	$(need-packages)$(need-check)
	$(call say,CC)
	@mkdir -p $(@D)
	$(call compile,-Itests $(call system-include,$(CHECK_CFLAGS)))

# q, not r: two floors may have a file of the same name
$(static): $(library-objects)
	$(call say,AR)
	@rm -f $@
	$(AR) qcs $@ $(library-objects)

$(shared): $(library-objects)
	$(call say,LINK)
	$(CC) -shared -Wl,-soname,$(@F) $(no-undefined) $(all-cflags) $(all-ldflags) \
	    -o $@ $(library-objects) $(dep-libs) -lm $(LDLIBS)

$(program): $(program-objects) $(static)
	$(call say,LINK)
	$(CC) $(all-cflags) $(all-ldflags) -o $@ $(program-objects) $(static) $(dep-libs) -lm $(LDLIBS)

# one program a file; those of the roof may call the program's own functions
$(B)/tests/cli/test_%: private more = $(filter-out %/main.o,$(program-objects))
$(filter $(B)/tests/cli/%,$(test-programs)): $(program-objects)
$(test-programs): %: %.o $(support-objects) $(static)
	$(call say,LINK)
	$(CC) $(all-cflags) $(all-ldflags) -o $@ $< $(support-objects) $(more) $(static) $(CHECK_LIBS) $(dep-libs) -lm $(LDLIBS)

# what scripts of tests use: a library to be preloaded, that makes the disk fail, and a small sweep for it
fault-shim   := $(B)/tests/support/faults/fault_shim.so
fault-driver := $(B)/tests/store/faults/driver
helpers      := $(if $(filter release,$(VARIANT)),$(fault-shim) $(fault-driver))

$(fault-shim): %.so: %.o
	$(call say,LINK)
	$(CC) -shared $(all-ldflags) -o $@ $< -ldl

$(fault-driver): %: %.o $(static)
	$(call say,LINK)
	$(CC) $(all-cflags) $(all-ldflags) -o $@ $< $(static) $(dep-libs) -lm $(LDLIBS)

.SECONDARY: $(patsubst %,%.o,$(test-programs) $(fault-driver)) $(fault-shim:.so=.o)
-include $(patsubst %.o,%.d,$(library-objects) $(program-objects) $(support-objects) $(patsubst %,%.o,$(test-programs)))

# ---- running ----------------------------------------------------------------------------------------------------

.PHONY: demo check check-asan debug asan tsan coverage headers layers symbols size

demo: all
	@./mscsim run -f configs/oi_two_dose.cfg -o oi_two_dose.h5
	@./mscsim plot -f --log oi_two_dose.h5 -o oi_two_dose.svg

slow   := $(foreach t,$(test-programs),$(if $(findstring _slow,$(t)),$(t)))
unit   := $(slow) $(filter-out $(slow),$(test-programs))
scripts := $(sort $(wildcard tests/cli/*/cmd)) $(filter-out tests/cli/run.sh,$(sort $(wildcard tests/cli/*.sh))) \
           $(sort $(wildcard tests/*/check_*.py tests/*/*/check_*.py))
installed := tests/install/check.sh
gates  := tests/gates/layers.sh tests/gates/headers.sh tests/gates/symbols.sh

# the gates look at the release build: instrumented code has symbols of its own
suite-release  := $(unit) $(gates) $(installed) $(scripts)
suite-fast     := $(filter-out $(slow),$(unit))
suite := $(if $(FAST),$(suite-fast),$(or $(suite-$(VARIANT)),$(unit) $(scripts)))
# build/release-mpi is no part of a test's name: T=mpi is one test
items := $(strip $(if $(T),$(foreach t,$(suite),$(if $(findstring $(subst *,,$(T)),$(t:$(B)/%=%)),$(t))),$(suite)))

test-env = TOP='$(CURDIR)' MSCSIM='$(CURDIR)/$(program)' BUILD='$(B)' VARIANT='$(VARIANT)' PYTHON='$(PYTHON)' \
           CC='$(CC)' CXX='$(CXX)' MSC_CPPFLAGS='-Iinclude -Isrc $(dep-cflags) $(features)'

check: $(filter $(B)/%,$(items)) $(if $(filter release,$(VARIANT)),all,$(program)) $(helpers)
	@$(if $(items),,echo 'no test has "$(T)" in its name' >&2; exit 1)
	@$(test-env) sh tests/run.sh $(items)

check-asan:
	+@$(MAKE) --no-print-directory VARIANT=asan FAST=1 check

debug:
	+@$(MAKE) --no-print-directory VARIANT=debug all

asan tsan:
	+@$(MAKE) --no-print-directory VARIANT=$@ check

GCOV ?= gcov
coverage:
	@find build/coverage -name '*.gcda' -exec rm -f {} + 2>/dev/null || true
	+@$(MAKE) --no-print-directory VARIANT=coverage check
	@for f in $(sources); do $(GCOV) -n -o "build/coverage/$${f%.c}.o" "$$f" 2>/dev/null; done | awk -v q="'" ' \
	    $$1 == "File" { split($$0, a, q); file = a[2]; next } \
	    /^Lines executed/ && file ~ /^src\// { sub(/^[^:]*:/, ""); sub(/%/, ""); \
	        n = $$3; hit = n * $$1 / 100; if (!(file in seen)) { seen[file] = 1; printf "%6.1f %%  %5d lines  %s\n", $$1, n, file; \
	        lines += n; hits += hit } file = "" } \
	    END { if (lines) printf "%6.1f %%  %5d lines  in all\n", 100 * hits / lines, lines }'

layers:
	@$(test-env) sh tests/gates/layers.sh

headers:
	$(need-packages)
	@$(test-env) sh tests/gates/headers.sh

symbols: $(static) $(shared)
	@$(test-env) sh tests/gates/symbols.sh

size:
	@TOP='$(CURDIR)' sh tests/gates/size.sh

# ---- soak ------------------------------------------------------------------------------------------------------------
# The long form of the tests of accuracy, of bad numbers and of intervals: SOAK scenarios of each shipped one (about an hour for 1000;
# T=part: only of files with that in their name).

.PHONY: soak
SOAK ?= 1000
$(B)/tests/soak/soak: %: %.o $(support-objects) $(static)
	$(call say,LINK)
	$(CC) $(all-cflags) $(all-ldflags) -o $@ $< $(support-objects) $(static) $(CHECK_LIBS) $(dep-libs) -lm $(LDLIBS)
-include $(B)/tests/soak/soak.d

soak: $(B)/tests/soak/soak
	@bad=0; for what in accuracy wide hostile coverage; do $(test-env) $< $$what $(SOAK) $(T) || bad=1; done; exit $$bad

# ---- benchmark --------------------------------------------------------------------------------------------------
# The engine against others, on the same rows as compiled C; see bench/README. SUNDIALS=prefix: one's own build of CVODE,
# measured beside Debian's package, which takes the same steps several times slower.

.PHONY: bench bench-setup bench-sensitivity
SUNDIALS ?=
STORE_SCENARIOS ?= 4000
bench-dir := $(B)/bench
comma := ,
bench-cflags = -std=gnu11 -O2 -Wall -Wextra -Iinclude -Isrc -Ibench $(dep-cflags) $(features)
bench-libs = $(static) $(dep-libs) -lm -ldl -pthread
bench-common := $(patsubst %,bench/%,standard.c standard.h measure.c measure.h)
bench-models := $(patsubst %,$(bench-dir)/%,$(wildcard models/*.cfg models/variants/*.cfg))
bench-scenarios := $(patsubst bench/%,$(bench-dir)/%,$(wildcard bench/*.cfg))
# where CVODE is, by build: prefix, and libraries
cvode-own := $(if $(SUNDIALS),$(if $(wildcard $(SUNDIALS)/include/cvode/cvode.h),$(SUNDIALS),$(if $(filter bench,$(MAKECMDGOALS)),$(error no CVODE in SUNDIALS=$(SUNDIALS)))))
cvode-debian := $(if $(wildcard /usr/include/cvode/cvode.h),/usr)
lsodes := $(wildcard /usr/lib/R/site-library/deSolve/libs/deSolve.so)
bench-others := $(if $(cvode-own),cvode_own) $(if $(cvode-debian),cvode_debian) gsl $(if $(lsodes),lsodes)
cvodes := $(firstword $(patsubst %/include/cvodes/cvodes.h,%,$(wildcard $(patsubst %,%/include/cvodes/cvodes.h,$(cvode-own) $(cvode-debian)))))
bench-sensitivity := $(if $(cvodes),$(bench-dir)/standard170/sensitivity)
bench-programs := $(bench-dir)/engine_bench $(bench-dir)/store_bench $(bench-dir)/fit_bench $(bench-sensitivity) \
    $(foreach p,standard170 shipped,$(patsubst %,$(bench-dir)/$(p)/%,$(bench-others)))
sundials-libs = -L$(1)/lib -lsundials_cvode -lsundials_sunlinsolklu -lsundials_sunlinsoldense -lsundials_sunmatrixsparse \
    -lsundials_sunmatrixdense -lsundials_nvecserial $(if $(wildcard $(1)/lib/libsundials_core.*),-lsundials_core) \
    -lklu -lamd -lcolamd -lbtf -lsuitesparseconfig

# a profiler is pointed at a scenario by hand: its models stay
.SECONDARY: $(bench-models)

bench-setup:
	apt-get install -y --no-install-recommends libsundials-dev libsuitesparse-dev r-cran-desolve

$(bench-dir)/models/%.cfg: models/%.cfg bench/standard170.sed
	@mkdir -p $(@D)
	sed -f bench/standard170.sed $< > $@

$(bench-dir)/%.cfg: bench/%.cfg $(bench-models)
	@mkdir -p $(@D)
	cp $< $@

$(bench-dir)/engine_bench $(bench-dir)/generate $(bench-dir)/store_bench $(bench-dir)/sweep_bench $(bench-dir)/fit_bench: $(bench-dir)/%: bench/%.c $(bench-common) $(static)
	$(call say,LINK)
	@mkdir -p $(@D)
	$(CC) $(bench-cflags) -o $@ $< $(filter %.c,$(bench-common)) $(bench-libs)

$(bench-dir)/standard170/generated.c: $(bench-dir)/generate $(bench-scenarios)
	@mkdir -p $(@D)
	$< $(bench-dir)/standard170.cfg > $@

$(bench-dir)/shipped/generated.c: $(bench-dir)/generate configs/oi_two_dose.cfg
	@mkdir -p $(@D)
	$< configs/oi_two_dose.cfg > $@

$(bench-dir)/%/generated.o: $(bench-dir)/%/generated.c
	$(CC) -O3 -march=native -fno-math-errno -fno-signed-zeros -fno-trapping-math -c -o $@ $<

bench-link = $(CC) $(bench-cflags) $(1) -o $@ $< $(filter %.c,$(bench-common)) $(@D)/generated.o $(2) $(bench-libs)
$(bench-dir)/%/cvode_own: bench/cvode_bench.c $(bench-common) $(bench-dir)/%/generated.o $(static)
	$(call say,LINK)
	$(call bench-link,-isystem $(cvode-own)/include -isystem /usr/include/suitesparse,$(call sundials-libs,$(cvode-own)))

$(bench-dir)/%/cvode_debian: bench/cvode_bench.c $(bench-common) $(bench-dir)/%/generated.o $(static)
	$(call say,LINK)
	$(call bench-link,-isystem /usr/include/suitesparse,$(call sundials-libs,/usr))

$(bench-dir)/%/gsl: bench/gsl_bench.c $(bench-common) $(bench-dir)/%/generated.o $(static)
	$(call say,LINK)
	$(call bench-link)

$(bench-dir)/%/lsodes: bench/lsodes_bench.c $(bench-common) $(bench-dir)/%/generated.o $(static)
	$(call say,LINK)
	$(call bench-link)

$(bench-dir)/standard170/sensitivity: bench/sensitivity_bench.c $(bench-common) $(bench-dir)/standard170/generated.o $(static)
	$(call say,LINK)
	$(call bench-link,-isystem $(cvodes)/include -isystem /usr/include/suitesparse,$(subst -lsundials_cvode ,-lsundials_cvodes ,$(call sundials-libs,$(cvodes))))

bench-sensitivity: $(bench-sensitivity) $(bench-scenarios)
	@{ date -u +%F; sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo; $(CC) --version | head -n 1; \
	$(or $(bench-sensitivity),echo 'no CVODES: make bench-setup$(comma) or SUNDIALS=prefix #') $(bench-dir)/standard170.cfg; \
	} | tee bench/results-sensitivity.txt

bench: $(bench-programs) $(bench-scenarios)
	@OWN='own build' LSODES='$(lsodes)' STORE_SCENARIOS='$(STORE_SCENARIOS)' CC='$(CC)' sh bench/run.sh $(bench-dir) > bench/results.new
	@mv bench/results.new bench/results.txt
	@cat bench/results.txt
	+@$(MAKE) --no-print-directory bench-sweep

.PHONY: bench-sweep
bench-sweep: $(bench-dir)/sweep_bench
	@{ date -u +%F; sed -n 's/^model name[^:]*: //p;T;q' /proc/cpuinfo; $(CC) --version | head -n 1; \
	$< $(bench-dir) configs/oi_virtual_patients.cfg bench/tiny_sweep.cfg; } | tee bench/results-sweep.txt

# ---- looking after the text -------------------------------------------------------------------------------------

.PHONY: tidy format format-check
ours = find src include tests bench -name '*.[ch]' 2>/dev/null
# another release of clang-format would format otherwise
find-format = f=; for c in clang-format-14 clang-format; do \
    case $$($$c --version 2>/dev/null) in *"version 14."*) f=$$c; break;; esac; done

format:
	@$(find-format); if [ -z "$$f" ]; then echo "format: clang-format 14 is not installed (Debian: clang-format-14)" >&2; exit 1; fi; \
	$(ours) | xargs -r $$f -i

format-check:
	@$(find-format); if [ -z "$$f" ]; then echo "format-check: left out, clang-format 14 is not installed"; exit 0; fi; \
	$(ours) | xargs -r $$f --dry-run -Werror

tidy-checks := bugprone-*,-bugprone-easily-swappable-parameters,-bugprone-reserved-identifier,clang-analyzer-*,\
-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling,misc-redundant-expression,performance-*
tidy:
	$(need-packages)
	@command -v clang-tidy >/dev/null || { echo "tidy: clang-tidy is not installed (make setup DEV=1)" >&2; exit 1; }
	clang-tidy --quiet --checks='-*,$(subst $() ,,$(tidy-checks))' $(filter-out src/engine/kernel_avx%,$(sources)) \
	    -- $(all-cppflags) -DMSC_MODELS_DIR='""' -std=c11 -pthread
	if command -v cppcheck >/dev/null; then cppcheck --quiet --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --error-exitcode=1 -Iinclude -Isrc src; fi

# ---- installing -------------------------------------------------------------------------------------------------

.PHONY: install
bin-to     = $(DESTDIR)$(PREFIX)/bin
lib-to     = $(DESTDIR)$(LIBDIR)
include-to = $(DESTDIR)$(PREFIX)/include
share-to   = $(DESTDIR)$(PREFIX)/share

# Places stand between quotes: they may have blanks in them. Linked statically, UDUNITS-2 needs expat, of which no .pc
# file tells.
private-libs = $(strip $(dep-libs) $(if $(wildcard /usr/lib/*/libexpat.a /usr/lib*/libexpat.a /usr/local/lib/libexpat.a),-lexpat)) \
    -lm -ldl -pthread

install: $(program) $(static) $(shared)
	install -d "$(bin-to)" "$(lib-to)/pkgconfig" "$(include-to)" "$(share-to)/mscsim"
	install -m 755 $(program) "$(bin-to)/mscsim"
	install -m 644 $(static) "$(lib-to)/libmscsim.a"
	install -m 755 $(shared) "$(lib-to)/libmscsim.so.$(SOVERSION)"
	ln -sfn libmscsim.so.$(SOVERSION) "$(lib-to)/libmscsim.so"
	for h in $(headers); do install -D -m 644 $$h "$(include-to)/$${h#include/}"; done
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(VERSION)|' \
	    -e 's|@LIBS@|$(private-libs)|' mscsim.pc.in > "$(lib-to)/pkgconfig/mscsim.pc"
	chmod 644 "$(lib-to)/pkgconfig/mscsim.pc"
	(find models -type f; ls configs/*.cfg; find examples -name '*.csv') | while read -r f; do install -D -m 644 "$$f" "$(share-to)/mscsim/$$f"; done
	if [ -f man/mscsim.1 ]; then install -D -m 644 man/mscsim.1 "$(share-to)/man/man1/mscsim.1"; fi

# ---- the rest ---------------------------------------------------------------------------------------------------

.PHONY: clean help
clean:
	@rm -rf build mscsim

help:
	@printf '%s\n' \
	'make                 the program (./mscsim), the static and the shared library' \
	'make setup           install the Debian or Ubuntu packages that build, demo and check need (MPI=1, DEV=1: more)' \
	'make demo            build, simulate two doses in a child with osteogenesis imperfecta, draw oi_two_dose.svg' \
	'make check           every test; T=part runs those with "part" in their path, UPDATE=1 rewrites expected outputs' \
	'make check-asan      the unit tests, except the slow ones, under the address and undefined-behaviour sanitisers' \
	'make asan, tsan      every test under address and undefined-behaviour, or under thread sanitiser' \
	'make coverage        every test, and how much of each source file they reach' \
	'make headers, layers, symbols, size      one gate alone (size only informs)' \
	'make soak            SOAK=1000 scenarios around each shipped one: accuracy, bad numbers, intervals of fits; T=part, an hour' \
	'make bench           the engine against others (SUNDIALS=prefix; bench-setup), to bench/results.txt' \
	'make bench-sensitivity      its derivatives against CVODES, to bench/results-sensitivity.txt' \
	'make tidy, format, format-check          clang-tidy and cppcheck; clang-format 14' \
	'make install         PREFIX=/usr/local LIBDIR=PREFIX/lib DESTDIR=' \
	'make clean           remove what was built' \
	'' \
	'Variables: VARIANT=release|debug|asan|tsan|coverage, CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, WERROR=1, VERBOSE=1,' \
	'JOBS=2 (tests at a time), TIMEOUT=300 (seconds a test), HDF5_CFLAGS and HDF5_LIBS (also GSL_, LIBCONFIG_, UDUNITS_,' \
	'XXHASH_, CHECK_) for libraries that pkg-config does not know. Variants live side by side; no clean is needed between them.'

endif # goals without setup
