/* show - what a balancer says on the terminal: a line an action, a status line below */
#include "balancer/show.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/ioctl.h>

#include "common/printed.h"
#include "common/text.h"

#define CLEAR_LINE  "\r\033[K"
#define CHANGE_TEXT (2 * CPUSET_TEXT + 32)

/* A reader that has lived is given so long, once, before lines are left out. */
#define PATIENCE_MS 100

/*
 * Whether a line can be written without waiting for whoever reads: a pipe to a pager, a terminal that is held (Ctrl-S). A host
 * is not kept waiting for them.
 */
static bool can_write(struct show *show, FILE *out)
{
	struct pollfd room = {fileno(out), POLLOUT, 0};

	show->stalled = !show->waits && !poll(&room, 1, show->stalled ? 0 : PATIENCE_MS);
	return !show->stalled;
}

static void clear_status(struct show *show)
{
	if (show->status_shown)
		fputs(CLEAR_LINE, show->out);
	show->status_shown = false;
}

/*
 * What cannot be printed is told once and stops nothing. A reader that is gone (`| head`) has asked for it, and so has
 * who gave none (`>&-`).
 */
static void check_heard(struct show *show)
{
	struct error e;
	int r = show->unheard ? 0 : printed_all(&e);

	if (r == 0)
		return;
	show->unheard = true;
	show->fails = r != -EPIPE && r != -EBADF;
	if (show->fails)
		show_error(show, &e);
}

void show_line(struct show *show, const char *format, ...)
{
	char when[16];
	va_list args;

	if (!can_write(show, show->out)) {
		show->unread++;
		return;
	}
	clear_status(show);
	if (show->unread)
		fprintf(show->out, "... %u line%s that nobody read\n", show->unread,
		        plural(show->unread));
	show->unread = 0;
	fprintf(show->out, "%s  ", text_time(show->wall_ns, when));
	va_start(args, format);
	vfprintf(show->out, format, args);
	va_end(args);
	fputc('\n', show->out);
	check_heard(show);
}

void show_error(struct show *show, const struct error *e)
{
	char text[sizeof(e->text)];

	if (!can_write(show, stderr) || (show->status_shown && !can_write(show, show->out)))
		return;
	clear_status(show);
	fprintf(stderr, "%s: %s\n", show->program, text_plain(e->text, text, sizeof(text)));
}

/* " vCPU 0: pCPU 0-3 -> 1", as it stands behind the guest's name. */
static void change_text(const struct action *a, char text[CHANGE_TEXT])
{
	char from[CPUSET_TEXT], to[CPUSET_TEXT];

	switch (a->kind) {
	case ACTION_BALLOON:
	case ACTION_BALLOON_RESTORE:
		snprintf(text, CHANGE_TEXT, ": %" PRIu64 " -> %" PRIu64 " MiB", a->from_kib / 1024,
		         a->to_kib / 1024);
		break;
	case ACTION_PERIOD:
		snprintf(text, CHANGE_TEXT, ": statistics every %u -> %u s", a->from_s, a->to_s);
		break;
	default:
		snprintf(text, CHANGE_TEXT, " vCPU %u: pCPU %s -> %s", a->vcpu,
		         cpuset_text(&a->from, from, sizeof(from)),
		         cpuset_text(&a->to, to, sizeof(to)));
	}
}

static void show_action(struct show *show, const struct action *a)
{
	char name[GUEST_NAME], change[CHANGE_TEXT], detail[REASON_TEXT];

	text_plain(a->name, name, sizeof(name));
	text_plain(a->detail, detail, sizeof(detail));
	change_text(a, change);
	show->changes += (a->kind == ACTION_PIN || a->kind == ACTION_BALLOON) &&
	                 (a->result == RESULT_DONE || a->result == RESULT_DRY_RUN);
	if (a->result == RESULT_DONE)
		show_line(show, "%s%s (%s)", name, change, a->reason);
	else
		show_line(show, "%s%s (%s): %s%s%s", name, change, a->reason,
		          action_result_name[a->result], detail[0] ? ": " : "", detail);
}

void show_actions(struct show *show, const struct decision *d)
{
	size_t i;

	for (i = 0; i < d->nr_actions; i++)
		show_action(show, &d->actions[i]);
}

void show_tick(struct show *show, const struct decision *d)
{
	/* A hold is told when its kind of reason is new: the numbers in it differ at every tick. */
	if (show->verbose || d->verdict == VERDICT_ACT ||
	    (d->verdict == VERDICT_HOLD &&
	     (show->said != VERDICT_HOLD || show->said_why != d->why)))
		show_line(show, "%s: %s", verdict_name[d->verdict],
		          d->reason[0] ? d->reason : "within the limit");
	show_actions(show, d);
	show->said = d->verdict;
	show->said_why = d->why;
}

/* A line that goes on in the next row could not be cleared. */
static int columns(FILE *out)
{
	struct winsize size;

	return !ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col ? size.ws_col - 1 : 255;
}

void show_status(struct show *show, const char *state, const struct decision *d)
{
	char when[16], line[256];

	if (!show->status || !can_write(show, show->out))
		return;
	snprintf(line, sizeof(line), "%s  %s, %u change%s, %s", text_time(show->wall_ns, when),
	         state, show->changes, plural(show->changes), verdict_name[d->verdict]);
	fprintf(show->out, CLEAR_LINE "%.*s", columns(show->out), line);
	check_heard(show);
	show->status_shown = true;
}
