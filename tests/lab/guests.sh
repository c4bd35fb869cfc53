# guests - the lab's guests: boot, wait, start pins, load, remove
# shellcheck shell=bash
# Sourced by lab. Uses RUN, CACHE, facts from case_show, say, die, virsh_run.
#
# Guests are transient: libvirt keeps no configuration of theirs, so their pins count as nobody's and a guest
# that ends leaves nothing. UUIDs ascend with the numbers.

GUEST_PREFIX=vmb-lab

# What a guest costs the host beyond its memory: QEMU and its translated code.
GUEST_OVERHEAD_MIB=110

# Measured with 8 guests under TCG on 2 CPUs: 15 s. A busy machine may take several times as long.
BOOT_LIMIT_S=60
BOOT_LIMIT_PER_GUEST_S=10

# What keeps an idle guest quiet: no clock or lockup watchdogs, no polling before it halts.
KERNEL_LINE="console=ttyS0 quiet panic=-1 tsc=reliable no_timer_check nowatchdog audit=0 mitigations=off \
nokaslr 8250.nr_uarts=2"

# Under TCG a guest reads the machine's own time stamp counter. Left to itself its kernel measures how fast that
# runs, and while eight of them boot on two CPUs some get it wrong: clocks up to 9 times too fast were seen.
kernel_line() {
	local khz=''
	[[ $DOMAIN_TYPE == kvm ]] || khz=" tsc_early_khz=$("$BUILD/tests/lab/tsc_khz")"
	echo "$KERNEL_LINE$khz"
}

# guest=3 vcpus=1 memory_mib=128 ... as shell variables of the caller.
read_guest() {
	local word
	for word in $1; do
		printf -v "${word%%=*}" '%s' "${word#*=}"
	done
}

guest_xml() {
	local guest vcpus memory_mib balloon_mib huge_pages mem load pins cpu='' pages=''
	read_guest "$1"
	[[ $huge_pages == yes ]] || pages=" transparent_hugepage=never"
	[[ $DOMAIN_TYPE == kvm ]] && cpu="<cpu mode='host-passthrough'/>"
	cat <<-EOF
		<domain type='$DOMAIN_TYPE'>
		  <name>$GUEST_PREFIX-$guest</name>
		  <uuid>$(printf '766d622d-6c61-4b00-8000-%012d' "$guest")</uuid>
		  <memory unit='MiB'>$memory_mib</memory>
		  <vcpu placement='static'>$vcpus</vcpu>
		  <os>
		    <type arch='x86_64' machine='q35'>hvm</type>
		    <kernel>$RUN/kernel</kernel>
		    <initrd>$RUN/initramfs</initrd>
		    <cmdline>$kernel_line$pages vmb.guest=$guest vmb.load=$load</cmdline>
		  </os>
		  <features><acpi/><apic/></features>
		  $cpu
		  <clock offset='utc'><timer name='hpet' present='no'/></clock>
		  <on_crash>destroy</on_crash>
		  <devices>
		    <controller type='usb' model='none'/>
		    <serial type='file'><source path='$RUN/console-$guest'/><target port='0'/></serial>
		    <serial type='pipe'><source path='$RUN/control-$guest'/><target port='1'/></serial>
		    <memballoon model='virtio'><stats period='1'/></memballoon>
		  </devices>
		</domain>
	EOF
}

guests_present() {
	virsh_run list --all --name | grep -xE "$GUEST_PREFIX-[0-9]+" || true
}

# A guest that did not come up: say which, why, and where its console is kept.
guest_failed() {
	local guest=$1 why=$2 kept=$CACHE/console-$1
	cp "$RUN/console-$guest" "$kept" 2>/dev/null || : >"$kept"
	tail -n 5 "$kept" | tr -d '\r' | sed 's/^/  | /' >&2
	die "guest $GUEST_PREFIX-$guest $why; its console: $kept"
}

guests_need_memory() {
	local line need=0 have guest vcpus memory_mib balloon_mib huge_pages mem load pins
	while read -r line; do
		read_guest "$line"
		((need += memory_mib + GUEST_OVERHEAD_MIB)) || true
	done <<<"$CASE_GUESTS"
	have=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	((need <= have)) || die "$CASE_COUNT guests need about $need MiB, this machine has $have MiB available"
}

guests_boot() {
	local line guest vcpus memory_mib balloon_mib huge_pages mem load pins answer kernel_line
	boot_began=$SECONDS
	kernel_line=$(kernel_line)
	while read -r line; do
		read_guest "$line"
		mkfifo -m 600 "$RUN/control-$guest.in" "$RUN/control-$guest.out"
		guest_xml "$line" >"$RUN/guest-$guest.xml"
		answer=$(virsh_run create "$RUN/guest-$guest.xml" 2>&1) ||
			guest_failed "$guest" "does not start: $answer"
		((guest % 2)) || say "$guest of $CASE_COUNT guests started, $((SECONDS - boot_began)) s"
	done <<<"$CASE_GUESTS"
}

guests_wait() {
	local guest up shown=0 began=$SECONDS limit=$((BOOT_LIMIT_S + BOOT_LIMIT_PER_GUEST_S * CASE_COUNT)) running
	while :; do
		up=0
		for ((guest = 1; guest <= CASE_COUNT; guest++)); do
			grep -q '^vmb: ready' "$RUN/console-$guest" 2>/dev/null && up=$((up + 1))
		done
		((up == shown)) || say "$up of $CASE_COUNT guests up, $((SECONDS - boot_began)) s"
		shown=$up
		((up == CASE_COUNT)) && return
		running=$(guests_present)
		for ((guest = 1; guest <= CASE_COUNT; guest++)); do
			grep -qx "$GUEST_PREFIX-$guest" <<<"$running" || guest_failed "$guest" "ended while it booted"
			if ((SECONDS - began > limit)) && ! grep -q '^vmb: ready' "$RUN/console-$guest"; then
				guest_failed "$guest" "is not up after $limit s"
			fi
		done
		sleep 0.5
	done
}

# Pins as the case wants them at its start: live only.
guests_pin() {
	local line guest vcpus memory_mib balloon_mib huge_pages mem load pins list vcpu answer
	while read -r line; do
		read_guest "$line"
		vcpu=0
		for list in ${pins//\// }; do
			answer=$(virsh_run vcpupin "$GUEST_PREFIX-$guest" "$vcpu" "$list" --live 2>&1) ||
				die "guest $GUEST_PREFIX-$guest, vCPU $vcpu: no pin to $list: $answer"
			vcpu=$((vcpu + 1))
		done
	done <<<"$CASE_GUESTS"
}

# The guest's balloon is where it shall be, and its kernel knows: MemTotal follows with the next report.
balloon_is() {
	virsh_run dommemstat "$GUEST_PREFIX-$1" | awk -v kib="$(($2 * 1024))" '
		$1 == "actual" { actual = $2 }
		$1 == "available" { available = $2 }
		END { exit !(actual == kib && available && available <= kib && available > kib / 2) }'
}

# How long a balloon may take: 1.5 GiB are 5 s under TCG, four guests at once on two busy CPUs several times as long.
BALLOON_LIMIT_S=90

# Balloons as the case wants them at its start. Guests boot with their maximum: a kernel needs more to boot than to run.
guests_balloon() {
	local line guest vcpus memory_mib balloon_mib huge_pages mem load pins answer began=$SECONDS
	while read -r line; do
		read_guest "$line"
		answer=$(virsh_run setmem "$GUEST_PREFIX-$guest" "${balloon_mib}M" --live 2>&1) ||
			die "guest $GUEST_PREFIX-$guest: no balloon of $balloon_mib MiB: $answer"
	done <<<"$CASE_GUESTS"
	while read -r line; do
		read_guest "$line"
		until balloon_is "$guest" "$balloon_mib"; do
			((SECONDS - began < BALLOON_LIMIT_S)) ||
				guest_failed "$guest" "is not at $balloon_mib MiB after $BALLOON_LIMIT_S s"
			sleep 0.5
		done
	done <<<"$CASE_GUESTS"
}

# Tell a guest something. Opened for both directions, as a FIFO without a reader would block us for ever.
guest_tell() {
	local guest=$1 fd
	exec {fd}<>"$RUN/control-$guest.in"
	echo "$2" >&"$fd"
	exec {fd}>&-
}

# Tell all guests their words ("go 0 18 none", a line for each), and wait until each console shows a new line with ANSWER.
guests_obey() {
	local answer=$1 words guest=0 before=() i
	while read -r words; do
		guest=$((guest + 1))
		before[guest]=$(grep -c "^vmb: $answer" "$RUN/console-$guest" || true)
		guest_tell "$guest" "$words"
	done
	for ((; guest > 0; guest--)); do
		for ((i = 0; $(grep -c "^vmb: $answer" "$RUN/console-$guest") == before[guest]; i++)); do
			((i < 100)) || guest_failed "$guest" "does not answer"
			sleep 0.1
		done
	done
}

# Start the loads on all guests at once; the clock of their schedules starts DELAY_MS from now.
guests_load() {
	local line guest vcpus memory_mib balloon_mib huge_pages mem load pins
	while read -r line; do
		read_guest "$line"
		echo "go $1 $load $mem"
	done <<<"$CASE_GUESTS" | guests_obey go
}

# Stop the loads; prints what each guest reached, a line each.
guests_stop() {
	local guest
	for ((guest = 1; guest <= CASE_COUNT; guest++)); do
		echo stop
	done | guests_obey "done"
	for ((guest = 1; guest <= CASE_COUNT; guest++)); do
		echo "$GUEST_PREFIX-$guest:" "$(last_words "$guest" "done")" "$(last_words "$guest" memory)"
	done
}

# The rest of the last line "vmb: WORD ..." that a guest told since its load was started.
last_words() {
	tr -d '\r' <"$RUN/console-$1" | awk -v word="$2" '
		$1 == "vmb:" && $2 == "go" { text = "" }
		$1 == "vmb:" && $2 == word { $1 = $2 = ""; text = $0 }
		END { sub(/^ +/, "", text); print text }'
}

guests_remove() {
	local name
	for name in $(guests_present); do
		{
			virsh_run destroy "$name"
			virsh_run undefine "$name"
		} >/dev/null 2>&1 &
	done
	wait
}
