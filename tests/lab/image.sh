# image - what guests boot: kernel, initramfs made from guest/, and whether KVM truly runs them
# shellcheck shell=bash
# Sourced by lab. Uses ROOT, LAB, CACHE (a folder of ours), say, die.

GUEST_MODULES=(virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_balloon)

# A working KVM has the guest up in less than 2 s; one that does not work never gets there.
KVM_LIMIT_S=8

# Debian's kernel for virtual machines: the newest that has its modules, the machine's own or one fetched by
# install-packages. Sets KERNEL (the image) and MODULES (a folder); returns 1 when there is none.
find_kernel() {
	local tree release
	for tree in "" "$CACHE/kernel"; do
		for KERNEL in $(printf '%s\n' "$tree"/boot/vmlinuz-*-cloud-amd64 | sort -Vr); do
			release=${KERNEL#"$tree"/boot/vmlinuz-}
			MODULES=$tree/lib/modules/$release/kernel/drivers/virtio
			[[ -r $KERNEL && -r $MODULES/virtio_balloon.ko ]] && return
		done
	done
	return 1
}

# Everything the initramfs is made from, as one checksum.
image_inputs() {
	cat "$LAB"/image.sh "$LAB"/guest/* /bin/busybox "$MODULES"/virtio*.ko | sha256sum | cut -d' ' -f1
}

# Make $CACHE/initramfs.cpio, unless it is there and made from the same inputs.
image_build() {
	local inputs tree module
	inputs=$(image_inputs)
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
		install -m 644 "$MODULES/$module.ko" "$tree/modules/"
	done
	(cd "$tree" && find . -print0 | sort -z | cpio --null -o -H newc --quiet -R 0:0) >"$CACHE/initramfs.cpio"
	rm -rf "$tree"
	echo "$inputs" >"$CACHE/initramfs.inputs"
}

# Does a guest get up under KVM? /dev/kvm may exist and never get a stock kernel past its early boot, so a guest
# is booted; the answer is kept until the machine boots again.
kvm_works() {
	local boot answer=no pid console=$CACHE/kvm.console deadline
	kvm_is_for_guests || return 1
	boot=$(</proc/sys/kernel/random/boot_id)
	if [[ -r $CACHE/kvm && $(<"$CACHE/kvm") == "$boot "* ]]; then
		[[ $(<"$CACHE/kvm") == *" yes" ]]
		return
	fi
	say "trying KVM (at most $KVM_LIMIT_S s)"
	: >"$console"
	qemu-system-x86_64 -M q35,accel=kvm -cpu host -m 128 -nodefaults -display none -no-reboot \
		-serial "file:$console" -serial null -kernel "$KERNEL" \
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
