/* trace_write - record samples, decisions and actions to a trace file, one transaction a tick */
#ifndef VMB_TRACES_TRACE_WRITE_H
#define VMB_TRACES_TRACE_WRITE_H

#include "balancer/decision.h"
#include "collector/host.h"

struct trace;

/* What a run row holds besides the host's facts. Strings are borrowed for the call; NULL: none. */
struct trace_run {
	const char *program;
	const char *version;
	const char *arguments; /* the command line as typed */
	const char *label;     /* the user's word for this run */
	const char *settings;  /* the policy in force, "balance=5 dwell=3 ..." */
	uint64_t interval_ns;
	uint64_t start_mono_ns;
	uint64_t start_wall_ns;
	bool memory;          /* record guest and host memory too */
	uint64_t limit_bytes; /* go on in a further file at this size (traces/parts.h); 0: never */
	bool may_wait; /* begin without a file where the disk or a lock keeps it away: trace_open() */
};

/*
 * Add a run to the trace at `path`, made when it does not exist. Refused, with nothing written: a directory,
 * symlink, FIFO, device; another kind of file; a trace of another schema version, or of another user (common/owner.h).
 * The texts of *run, and *facts, are borrowed until trace_close(): a file that is begun later tells them too.
 * Waits up to 4 s for others who hold the file. SIGXFSZ is ignored from here on when nobody handles it: a file that has
 * reached its size limit shall not end a program that balances. One thread at a time may use the handle.
 * Returns 0, -EINVAL (not a path that can be recorded to), -EBADMSG (another kind of file, an empty one, another
 * version, damaged), -ENOENT (no such folder), -EACCES (file or folder not writable, another user's), -ENOMEM, or what may
 * pass: -EBUSY (locked), -ENOSPC, -EDQUOT, -EFBIG (no room), -EIO, -EROFS (the disk failed, and may have been mounted again to be read
 * only). Where run->may_wait that is no error: 1 then, with *e, and recording begins with the first call that can.
 */
int trace_open(const char *path, const struct trace_run *run, const struct host_facts *facts,
               struct trace **out, struct error *e);

/* The timing and the cost of one tick. */
struct trace_tick {
	uint64_t number;      /* of the deadline it served, from 0: a gap shows missed ticks */
	uint64_t decide_ns;   /* time the plan took; UNKNOWN for a recorder that does not decide */
	uint64_t self_cpu_ns; /* CPU time of this process so far, all threads */
	uint64_t act_ns; /* when it acted, on the host's clock; 0: decide_ns after the reading */
};

/*
 * Record one tick in one transaction. `decision` may be NULL; a quiet one costs no row.
 * When the file cannot be written now (full; locked for 200 ms, or for a quarter of the interval where that is less), the
 * tick is kept in memory and written with a later one; beyond 64 ticks or 8 MiB the oldest are dropped: counted as data
 * loss in the table stat, and told in an event.
 * A file that was renamed, deleted or replaced since is completed where it is, and a new one begun at its place. One that
 * was cut or overwritten in place is told (-EBADMSG), and a new one begun with the next tick, unless another's data is there.
 * Returns 0, or the error of this attempt (-EBUSY, -ENOSPC, -EIO, ...): recording goes on at the next call in any case.
 */
int trace_tick(struct trace *t, const struct trace_tick *tick, const struct sample *s,
               const struct decision *decision, struct error *e);

/* Record actions outside of a tick: those that restore, at the end. Kept like a tick when they cannot be written. */
int trace_actions(struct trace *t, uint64_t mono_ns, const struct action *actions, size_t nr,
                  struct error *e);

/* The name of the file that is recorded to, where it is another part of the trace than was asked for; else NULL. */
const char *trace_goes_on(const struct trace *t);

/* How many files the run has been recorded to so far: what each of them has to tell is due again when there is one more. */
unsigned trace_files(const struct trace *t);

/* Record that something happened: kind is one word ("reconnect"), text a sentence. Written with the next tick. */
void trace_event(struct trace *t, uint64_t mono_ns, const char *kind, const char *text);

/*
 * Count something for the table stat, added up over the run and written with the next tick: "late_ticks", "warning". severity:
 * info, warning, data_loss. Adding 0 makes the name appear. 64 names at most.
 */
void trace_count(struct trace *t, const char *name, const char *severity, uint64_t add);

/*
 * Write what is pending, the end of the run and its reason, leave a file that another user can read
 * (no -wal, no -shm when nobody else has it open), and free the handle. NULL is accepted.
 * Returns 0, or an error that tells how many ticks and actions are in no file, those that were dropped before included.
 */
int trace_close(struct trace *t, uint64_t mono_ns, uint64_t wall_ns, const char *exit_reason,
                struct error *e);

#endif
