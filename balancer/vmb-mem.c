/* vmb-mem - keep free memory in the guests of a libvirt host, and in the host, by the guests' balloons */
#include "balancer/frame.h"
#include "balancer/mem_loop.h"
#include "common/stop.h"

static const struct balancer mem_balancer = {
        .program = "vmb-mem",
        .kind = "mem",
        .subject = "balloons",
        .memory = true,
        .check = mem_loop_check,
        .reload = mem_loop_reload,
        .decide = mem_loop_decide,
        .acted = mem_loop_acted,
        .restore = mem_loop_restore,
        .limits = mem_loop_limits,
        .status = mem_loop_status,
};

int main(int argc, char **argv)
{
	static struct mem_options options;
	static struct mem_loop loop;
	const sigset_t *stop = stop_block();
	int status;

	mem_options_or_exit(argc, argv, &options);
	stop_watch(
	        "vmb-mem: quit without an answer; vmb-mem --restore puts back what was changed\n");
	loop.options = &options;
	status = frame_main(&mem_balancer, &options.common, &loop.base, stop);
	mem_loop_done(&loop);
	return status;
}
