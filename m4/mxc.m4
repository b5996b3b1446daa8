# SPDX-License-Identifier: Apache-2.0
# The checks of configure.ac: options, compiler flags, libraries.

# MXC_FLAGS_ADD(VARIABLE, FLAG...): append each flag that the compiler knows.
AC_DEFUN([MXC_FLAGS_ADD], [
	for flag in $2; do
		AS_VAR_PUSHDEF([known], [mxc_cv_cc_$flag])
		AC_CACHE_CHECK([whether $CC knows $flag], [known], [
			mxc_saved_cflags=$CFLAGS
			CFLAGS="$CFLAGS -Werror $flag"
			AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[return (int)strlen("") - 0;]])],
				[AS_VAR_SET([known], [yes])], [AS_VAR_SET([known], [no])])
			CFLAGS=$mxc_saved_cflags
		])
		AS_VAR_IF([known], [yes], [AS_VAR_APPEND([$1], [" $flag"])])
		AS_VAR_POPDEF([known])
	done
])

AC_DEFUN([MXC_OPTION_WERROR], [
	AC_ARG_ENABLE([werror],
		[AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors (developers, CI)])],
		[], [enable_werror=no])
])

AC_DEFUN([MXC_OPTION_SANITIZERS], [
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers=LIST], [build with these sanitizers, such as address,undefined])],
		[], [enable_sanitizers=no])
	AS_IF([test "$enable_sanitizers" = yes], [enable_sanitizers=address,undefined])
	AC_SUBST([SANITIZERS], [$enable_sanitizers])
])

AC_DEFUN([MXC_OPTION_FUZZERS], [
	AC_ARG_ENABLE([fuzzers],
		[AS_HELP_STRING([--enable-fuzzers], [build the libFuzzer programs of tests/fuzz (needs CC=clang)])],
		[], [enable_fuzzers=no])
	AM_CONDITIONAL([FUZZERS], [test "$enable_fuzzers" = yes])
])

# Warnings are always on: what a developer sees, a packager sees.
AC_DEFUN([MXC_COMPILER_FLAGS], [
	MXC_CFLAGS= MXC_CPPFLAGS= MXC_LDFLAGS= FUZZ_LDFLAGS=

	MXC_FLAGS_ADD([MXC_CFLAGS], [-std=gnu17])
	AS_IF([test -z "$MXC_CFLAGS"], [AC_MSG_ERROR([$CC does not know -std=gnu17: use gcc 8, clang 6 or later])])

	MXC_FLAGS_ADD([MXC_CFLAGS], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes dnl
		-Wwrite-strings -Wvla -Wpointer-arith -Wcast-qual -Wundef -Wformat=2 -Wswitch-enum dnl
		-Wimplicit-fallthrough -Wnull-dereference -Wconversion -Wno-missing-field-initializers])

	# Exported is what mxcrt.h marks, nothing else.
	MXC_FLAGS_ADD([MXC_CFLAGS], [-fvisibility=hidden -fno-common -fstack-protector-strong dnl
		-fstack-clash-protection -ftrivial-auto-var-init=zero -fPIE])
	MXC_FLAGS_ADD([MXC_LDFLAGS], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed])
	MXC_FLAGS_ADD([PIE_LDFLAGS], [-pie])

	AS_IF([test "$enable_sanitizers" != no], [
		MXC_CFLAGS="$MXC_CFLAGS -fsanitize=$enable_sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
		MXC_LDFLAGS="$MXC_LDFLAGS -fsanitize=$enable_sanitizers"
	], [test "$enable_fuzzers" = no], [
		# Fortified calls would hide overruns from the sanitizers, hence only here.
		MXC_FLAGS_ADD([MXC_CPPFLAGS], ["-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3"])
		MXC_FLAGS_ADD([MXC_LIBRARY_LDFLAGS], [-Wl,-z,defs])
	])

	AS_IF([test "$enable_fuzzers" = yes], [
		MXC_FLAGS_ADD([MXC_CFLAGS], [-fsanitize=fuzzer-no-link])
		AS_CASE([$MXC_CFLAGS], [*fuzzer-no-link*], [FUZZ_LDFLAGS=-fsanitize=fuzzer],
			[AC_MSG_ERROR([--enable-fuzzers needs libFuzzer: configure with CC=clang (Debian: clang, libclang-rt-14-dev)])])
	])

	AS_IF([test "$enable_werror" = yes], [MXC_CFLAGS="$MXC_CFLAGS -Werror"])

	AC_SUBST([MXC_CFLAGS])
	AC_SUBST([MXC_CPPFLAGS])
	AC_SUBST([MXC_LDFLAGS])
	AC_SUBST([MXC_LIBRARY_LDFLAGS])
	AC_SUBST([PIE_LDFLAGS])
	AC_SUBST([FUZZ_LDFLAGS])
])

# MXC_LIBRARY(PREFIX, MODULE, HEADER, FUNCTION, DEBIAN-PACKAGE): by pkg-config, else by header and function.
AC_DEFUN([MXC_LIBRARY], [
	PKG_CHECK_MODULES([$1], [$2], [], [
		AC_CHECK_HEADER([$3], [], [AC_MSG_ERROR([$2 is missing: install its development files (Debian: $5)])])
		AC_CHECK_LIB(m4_bpatsubst([$2], [^lib]), [$4], [$1_LIBS=-l[]m4_bpatsubst([$2], [^lib])],
			[AC_MSG_ERROR([$2 is missing: install its development files (Debian: $5)])])
	])
])
