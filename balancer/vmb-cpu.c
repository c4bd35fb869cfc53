/* vmb-cpu - keep the pCPUs of a libvirt host evenly loaded by pinning vCPUs */
#include "balancer/cpu_loop.h"
#include "balancer/frame.h"
#include "common/stop.h"

static const struct balancer cpu_balancer = {
        .program = "vmb-cpu",
        .kind = "cpu",
        .subject = "pins",
        .record_late = LATE_DELAY,
        .check = cpu_loop_check,
        .decide = cpu_loop_decide,
        .acted = cpu_loop_acted,
        .restore = cpu_loop_restore,
        .limits = cpu_loop_limits,
        .status = cpu_loop_status,
};

int main(int argc, char **argv)
{
	static struct cpu_options options;
	static struct cpu_loop loop;
	const sigset_t *stop = stop_block();
	int status;

	cpu_options_or_exit(argc, argv, &options);
	stop_watch(
	        "vmb-cpu: quit without an answer; vmb-cpu --restore puts back what was changed\n");
	loop.options = &options;
	status = frame_main(&cpu_balancer, &options.common, &loop.base, stop);
	cpu_loop_done(&loop);
	return status;
}
