/* walk_rows - the rows that a tick is made of: the statement that reads each table, and what its columns mean */
#ifndef VMB_TRACES_WALK_ROWS_H
#define VMB_TRACES_WALK_ROWS_H

#include "traces/reader.h"

enum walk_table_id {
	TICK,
	PCPU_SAMPLE,
	VCPU_SAMPLE,
	GUEST_SAMPLE,
	HOST_SAMPLE,
	DECISION,
	HOST_PLAN,
	GUEST_PLAN,
	WALK_TABLES
};

/* A statement, and the tick of the row it stands on. */
struct cursor {
	struct columns c;
	int64_t tick, key; /* its first two columns */
	bool end;
};

struct vcpu_row {
	const struct name_vcpu *vcpu;
	const struct cpuset *affinity;
	uint64_t run_ns, delay_ns;
	int32_t pcpu;
};

/* What changes seldom has a row only when it changes. */
struct known {
	enum guest_state state;
	uint32_t instance;
	bool user_pins;
};

struct guest_row {
	const struct name_guest *guest;
	struct guest_memory memory;
	enum balloon balloon;
	bool busy;
	uint32_t reboots;
};

/* Rows of the present tick in the order of their ids. */
struct walk {
	struct cursor cursors[WALK_TABLES];
	struct known *known; /* by index of names.guests */
	struct vcpu_row *vcpus;
	struct guest_row *guests;
	struct guest_plan *plans;
	size_t nr_vcpus, room_vcpus, nr_guests, room_guests, room_plans;
	uint64_t wall_offset_ns; /* wall clock minus steady clock, as at the start of the run */
	struct trace_tick_row row;
};

struct walk_table {
	const char *name;
	const char *sql; /* first column: the tick; the second ascends in the rows of a tick */
	/* Takes the row that c stands on: 0 or -ENOMEM; c->bad where a value cannot be. */
	int (*read)(struct trace_reader *r, struct columns *c);
	bool many; /* may have many rows in a tick */
};

extern const struct walk_table walk_tables[WALK_TABLES];

#endif
