/* cleanup - a variable that frees itself when it leaves its scope */
#ifndef VMB_COMMON_CLEANUP_H
#define VMB_COMMON_CLEANUP_H

/*
 * AUTO(thing_free) struct thing *t = NULL;   calls thing_free(t) on every path out of the scope, when
 * t is not NULL. The name is made known once, beside the prototype: DEFINE_AUTO(struct thing *, thing_free).
 */
#define AUTO(free_function) __attribute__((cleanup(free_function##_auto)))

#define DEFINE_AUTO(type, free_function)                        \
	static inline void free_function##_auto(type *variable) \
	{                                                       \
		if (*variable)                                  \
			free_function(*variable);               \
	}                                                       \
	struct error /* so that the macro ends in a semicolon */

/* Hand a pointer over: its value, and NULL in the variable, so that AUTO leaves it alone. */
#define take(variable)                           \
	({                                       \
		__auto_type taken_ = (variable); \
		(variable) = NULL;               \
		taken_;                          \
	})

#endif
