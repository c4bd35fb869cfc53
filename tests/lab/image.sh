# image - what guests boot: kernel, initramfs made from guest/, and whether KVM truly runs them
# shellcheck shell=bash
# Sourced by lab. Uses ROOT, LAB, CACHE (a folder of ours), say, die.

GUEST_MODULES=(virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_balloon)

# A working KVM has the guest up in less than 2 s; one that does not work never gets there.
KVM_LIMIT_S=8

# The newest kernel that has its modules, as its release ("6.1.0-56-cloud-amd64"); empty when there is none.
guest_kernel_release() {
	local image release
	for image in $(printf '%s\n' /boot/vmlinuz-*-cloud-amd64 /boot/vmlinuz-*-amd64 | sort -Vr |
		awk '/cloud/ { print; next } { other = other $0 "\n" } END { printf "%s", other }'); do
		release=${image#/boot/vmlinuz-}
		if [[ -r $image && -r /lib/modules/$release/kernel/drivers/virtio/virtio_balloon.ko ]]; then
			echo "$release"
			return
		fi
	done
}

# Everything the initramfs is made from, as one checksum.
image_inputs() {
	local release=$1
	{
		echo "$release" "${GUEST_MODULES[@]}"
		cat "$LAB"/guest/* /bin/busybox "/lib/modules/$release"/kernel/drivers/virtio/virtio_balloon.ko
	} | sha256sum | cut -d' ' -f1
}

# Make $CACHE/initramfs.cpio, unless it is there and made from the same inputs.
image_build() {
	local release=$1 inputs tree module
	inputs=$(image_inputs "$release")
	if [[ -s $CACHE/initramfs.cpio && -r $CACHE/initramfs.inputs &&
		$(<"$CACHE/initramfs.inputs") == "$inputs" ]]; then
		return
	fi
	say "making the guests' initramfs"
	mkdir -p "$CACHE"
	rm -f "$CACHE"/initramfs.*
	tree=$(mktemp -d "$CACHE/tree.XXXXXX")
	mkdir "$tree"/{bin,dev,proc,modules}
	"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -O2 -static -pthread -s -o "$tree/workload" "$LAB"/guest/*.c ||
		die "the guests' workload does not compile"
	install -m 755 "$LAB/guest/init" "$tree/init"
	install -m 755 /bin/busybox "$tree/bin/busybox"
	for module in "${GUEST_MODULES[@]}"; do
		install -m 644 "/lib/modules/$release/kernel/drivers/virtio/$module.ko" "$tree/modules/"
	done
	(cd "$tree" && find . -print0 | sort -z | cpio --null -o -H newc --quiet -R 0:0) >"$CACHE/initramfs.cpio"
	rm -rf "$tree"
	echo "$inputs" >"$CACHE/initramfs.inputs"
}

# Does a guest get up under KVM? /dev/kvm may exist and never get a stock kernel past its early boot, so a guest
# is booted; the answer is kept until the machine boots again.
kvm_works() {
	local release=$1 boot answer=no pid console=$CACHE/kvm.console deadline
	[[ -w /dev/kvm ]] || return 1
	boot=$(</proc/sys/kernel/random/boot_id)
	if [[ -r $CACHE/kvm && $(<"$CACHE/kvm") == "$boot "* ]]; then
		[[ $(<"$CACHE/kvm") == *" yes" ]]
		return
	fi
	say "trying KVM (at most $KVM_LIMIT_S s)"
	: >"$console"
	qemu-system-x86_64 -M q35,accel=kvm -cpu host -m 128 -nodefaults -display none -no-reboot \
		-serial "file:$console" -serial null -kernel "/boot/vmlinuz-$release" \
		-initrd "$CACHE/initramfs.cpio" -append "console=ttyS0 quiet panic=-1" \
		</dev/null >/dev/null 2>&1 &
	pid=$!
	deadline=$((SECONDS + KVM_LIMIT_S))
	while ((SECONDS < deadline)) && kill -0 "$pid" 2>/dev/null; do
		if grep -q '^vmb: ready' "$console"; then
			answer=yes
			break
		fi
		sleep 0.2
	done
	kill -KILL "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	rm -f "$console"
	echo "$boot $answer" >"$CACHE/kvm"
	[[ $answer == yes ]]
}
