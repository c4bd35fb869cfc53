/* faulty_sqlite - SQLite on a disk and on memory that fail at the Nth use: once, or from then on */
#ifndef VMB_TESTS_UNIT_FAULTY_SQLITE_H
#define VMB_TESTS_UNIT_FAULTY_SQLITE_H

#include <stdbool.h>

enum fault {
	FAULT_IO,     /* any call to the disk: input/output error */
	FAULT_FULL,   /* a write: no room */
	FAULT_TORN,   /* a write: half of it is done, then an error */
	FAULT_MEMORY, /* an allocation */
	FAULTS
};

extern const char *const fault_name[FAULTS];

/* Make this the disk and the memory of all that is opened from now on. Before any other call to SQLite. */
void faulty_install(void);

/* Fail at use `n` from now on, counted from 1; 0: never. */
void faulty_arm(enum fault fault, unsigned long n, bool for_ever);

/* Disarm. Returns how often something has failed since it was armed. */
unsigned long faulty_disarm(void);

#endif
