# host - the machine under the lab: what it must offer, libvirt's daemons, the lock against a second lab
# shellcheck shell=bash
# Sourced by lab. Uses ROOT, BUILD, RUN (the lab's folder under /run), say, die.

LOCK=/run/vmb-lab.lock
URI=qemu:///system

# Why real guests are not possible here, in one line; nothing when they are.
lab_obstacle() {
	local program
	if [[ $(uname -m) != x86_64 ]]; then
		echo "real guests need an x86_64 machine, this one is $(uname -m)"
	elif ((EUID != 0)); then
		echo "real guests need root (libvirt's $URI)"
	else
		for program in qemu-system-x86_64 libvirtd virtlogd virsh busybox cpio gcc flock; do
			command -v "$program" >/dev/null || {
				echo "$program is not installed (tests/lab/install-packages does it)"
				return
			}
		done
		find_kernel || echo "there is no kernel for guests (tests/lab/install-packages fetches one)"
	fi
}

# --- one lab at a time ---------------------------------------------------------------------------------------

locked=

lock_take() {
	local other
	exec 9<>"$LOCK"
	# The -ef: its holder may have removed the file between our opening and our locking.
	if ! flock -n 9 || ! [[ /proc/self/fd/9 -ef $LOCK ]]; then
		die "another lab is at work: $(<"$LOCK")"
	fi
	locked=1
	echo "pid $$, $ROOT, since $(date +%T)" >"$LOCK"
	other=$(cat "$RUN/folder" 2>/dev/null || true)
	# What a lab left behind that was killed with its guests is in nobody's way.
	if [[ -n $other && $other != "$ROOT" && -d $other && -n $(guests_present 2>/dev/null) ]]; then
		die "another lab has its guests up; to remove them: $other/tests/lab/lab down"
	fi
}

lock_release() {
	[[ -n $locked ]] || return 0
	rm -f "$LOCK"
	locked=
}

# --- libvirt's daemons ---------------------------------------------------------------------------------------

# Outside of our process group: a Ctrl-C must not end virsh in the midst of something that goes on without it.
# Without fd 9: a daemon that it starts must not keep the lock.
virsh_run() {
	setsid --wait timeout "${VIRSH_LIMIT_S:-60}" virsh -q -c "$URI" "$@" 9>&-
}

daemon_answers() {
	VIRSH_LIMIT_S=10 virsh_run version >/dev/null 2>&1
}

# A process is known by its number and the moment it started: numbers are used again.
process_birth() {
	awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null
}

# The system's own, known by its file: others of the same name, with files of their own, are none of our business.
daemon_runs() {
	local pid
	pid=$(cat "/run/$1.pid" 2>/dev/null) && [[ $(cat "/proc/$pid/comm" 2>/dev/null) == "$1" ]]
}

qemu_conf=/etc/libvirt/qemu.conf

# The value of a key of QEMU's configuration, without quotes.
qemu_setting() {
	sed -nE "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"']?\\+?([^\"' ]+).*/\1/p" $qemu_conf 2>/dev/null | tail -n 1
}

# Whether there is a /dev/kvm for the account that libvirt's guests run as: Debian's, if the configuration names none. One that is not known
# is taken to have it.
kvm_is_for_guests() {
	local account group
	[[ -w /dev/kvm ]] || return 1
	account=$(qemu_setting user)
	: "${account:=libvirt-qemu}"
	id "$account" >/dev/null 2>&1 || return 0
	group=$(qemu_setting group)
	setpriv --reuid "$account" --regid "${group:-$(id -g "$account")}" --init-groups test -w /dev/kvm
}

# libvirtd asks QEMU, as root, whether there is KVM, and /dev/kvm as that account; where the answers differ it asks again for each guest:
# QEMU 32 times, 11 s. So a daemon of ours does not see a /dev/kvm that its guests could not use. With this it cannot give each guest a /dev
# of its own (libvirt 9.0: "Unable to move ... mount"). Where that cannot be done it asks.
without_kvm() {
	if [[ ! -e /dev/kvm || ! -s $qemu_conf ]] || kvm_is_for_guests || ! unshare --mount true 2>/dev/null ||
		! install -m 600 /dev/null "$RUN/no-kvm" || ! install -m 600 $qemu_conf "$RUN/qemu.conf" ||
		! sed -i '/^[[:space:]]*namespaces[[:space:]]*=/ { :more; /]/! { N; b more }; d }' "$RUN/qemu.conf" ||
		! printf '\nnamespaces = []\n' >>"$RUN/qemu.conf"; then
		"$@"
		return
	fi
	# shellcheck disable=SC2016 # expanded by the shell that it is for
	unshare --mount sh -c 'mount --bind "$0/qemu.conf" "$1" && mount --bind "$0/no-kvm" /dev/kvm; shift; exec "$@"' "$RUN" $qemu_conf "$@"
}

# Start a daemon unless it runs, and note that it is ours to stop. libvirtd waits until a QEMU that it ended is gone: with
# an init that collects processes every 2 s a probe of QEMU takes 4 s instead of 0.4.
daemon_start() {
	local name=$1 pid
	daemon_runs "$name" && return
	without_kvm "$BUILD/tests/lab/reaper" "$name" -d 9>&- || die "$name does not start"
	pid=$(<"/run/$name.pid")
	echo "$name $pid $(process_birth "$pid")" >>"$RUN/daemons"
	say "started $name (pid $pid)"
}

# Where an init starts them, asking is enough: its sockets do the rest.
daemons_up() {
	local i
	daemon_answers && { [[ -d /run/systemd/system ]] || daemon_runs virtlogd; } && return
	daemon_start virtlogd
	daemon_start libvirtd
	for ((i = 0; i < 20; i++)); do
		daemon_answers && return
		sleep 0.5
	done
	die "libvirtd runs, but does not answer at $URI"
}

daemons_down() {
	local name pid birth i
	[[ -r $RUN/daemons ]] || return 0
	while read -r name pid birth; do
		[[ $(process_birth "$pid") == "$birth" ]] || continue
		kill "$pid" || true
		for ((i = 0; i < 100; i++)); do
			[[ $(process_birth "$pid") == "$birth" ]] || break
			sleep 0.1
		done
		say "stopped $name (pid $pid)"
	done < <(tac "$RUN/daemons")
	rm -f "$RUN/daemons"
}
