/* check - cmocka, with what it wants included before it */
#ifndef VMB_TESTS_UNIT_CHECK_H
#define VMB_TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* clang-format off: cmocka wants the four before it */
#include <cmocka.h>
/* clang-format on */

/* `fail` is ours, an error; a test fails with fail_msg(). */
#undef fail
#undef fail_msg
#define fail_msg(...)                      \
	do {                               \
		print_error(__VA_ARGS__);  \
		print_error("\n");         \
		_fail(__FILE__, __LINE__); \
	} while (0)

/* Run all tests of the array; the exit status tells whether one failed. */
#define check_all(tests) cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL)

#endif
