/* run - the rows that say what a run is: program, host, pCPUs, and the names of codes */
#include "traces/run.h"

#include <unistd.h>

static int write_codes(struct rows *rows)
{
	static const struct {
		const char *kind;
		const char *const *names;
		int nr;
	} kinds[] = {
	        {"verdict", verdict_name, VERDICTS},
	        {"action", action_kind_name, ACTION_KINDS},
	        {"result", action_result_name, ACTION_RESULTS},
	        {"guest_state", guest_state_name, GUEST_STATES},
	        {"balloon", balloon_name, BALLOONS},
	        {"memory_state", memory_state_name, MEMORY_STATES},
	};
	int rc = SQLITE_OK, code;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (code = 0; code < kinds[i].nr && rc == SQLITE_OK; code++)
			rc = ROWS_RUN(rows, SQL_CODE, value_words(kinds[i].kind),
			              value_integer(code), value_words(kinds[i].names[code]));
	return rc;
}

static int write_run(struct rows *rows, const struct trace_run *run, const struct host_facts *f,
                     const char *continues)
{
	return ROWS_RUN(rows, SQL_RUN, value_words(run->program), value_words(run->version),
	                value_words(run->arguments), value_text(run->label),
	                value_text(run->settings), value_integer(getpid()), value_words(f->uri),
	                value_text(f->name), value_text(f->identity), value_text(f->hypervisor),
	                value_text(f->library), value_text(f->kernel), value_text(f->cpu_model),
	                value_counter(f->memory_kib), value_counter(run->interval_ns),
	                value_counter(run->start_mono_ns), value_counter(run->start_wall_ns),
	                value_words(continues));
}

static int write_places(struct rows *rows, const struct host_facts *f, int64_t id)
{
	int rc = SQLITE_OK;
	size_t i;

	for (i = 0; i < f->nr_places && rc == SQLITE_OK; i++) {
		const struct pcpu_place *p = &f->places[i];

		rc = ROWS_RUN(rows, SQL_PCPU, value_integer(id), value_integer(p->pcpu),
		              value_signed(p->node), value_signed(p->socket), value_signed(p->core),
		              value_signed(p->llc));
	}
	return rc;
}

int run_write(struct rows *rows, const struct trace_run *run, const struct host_facts *facts,
              const char *continues, int64_t *id)
{
	int rc = write_codes(rows);

	if (rc == SQLITE_OK)
		rc = write_run(rows, run, facts, continues);
	*id = sqlite3_last_insert_rowid(rows->db);
	return rc == SQLITE_OK ? write_places(rows, facts, *id) : rc;
}
