package world

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// resolver is the address of the Route 53 Resolver, the same in every VPC (VPC User Guide, "DNS attributes for your VPC").
const resolver = "169.254.169.253"

// insideVariable tells a program that it runs in the sandbox that it asked for.
const insideVariable = "TIERFORM_SANDBOX"

// ErrNoNamespaces says that the machine does not let programs make network namespaces.
var ErrNoNamespaces = errors.New("this machine does not allow network namespaces (in a container: run it with CAP_SYS_ADMIN and CAP_NET_ADMIN, or allow user namespaces)")

// Sandbox runs the present program again in network and mount namespaces of its own, where every port is free, names are
// asked of the stand-in for the VPC's resolver, and nothing that is done reaches the machine. Inside, it returns true.
// Outside, it returns when that program has ended, with its exit code; files are handed over as descriptors 3, 4, ….
func Sandbox(files ...*os.File) (inside bool, code int, err error) {
	if Inside() {
		return true, 0, furnish()
	}
	self, err := os.Executable()
	if err != nil {
		return false, 1, fmt.Errorf("finding the program to run in a sandbox: %w", err)
	}
	again := exec.Command(self, os.Args[1:]...)
	again.Stdin, again.Stdout, again.Stderr, again.ExtraFiles = os.Stdin, os.Stdout, os.Stderr, files
	again.Env = append(os.Environ(), insideVariable+"=1")
	again.SysProcAttr = isolation(os.Getuid(), os.Getgid())
	// The kernel ends the child when the thread that started it ends: it must be this one's to keep.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := again.Start(); err != nil {
		return false, 1, refusal(err)
	}
	err = again.Wait()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		return false, max(ended.ExitCode(), 1), nil
	}
	return false, 0, err
}

// Inside tells whether the program runs in the sandbox.
func Inside() bool { return os.Getenv(insideVariable) != "" }

// refusal tells a kernel that allows no namespaces, or no more of them, from other errors (clone(2), "ERRORS").
func refusal(err error) error {
	for _, no := range []error{unix.EPERM, unix.ENOSPC, unix.EUSERS, unix.EINVAL} {
		if errors.Is(err, no) {
			return fmt.Errorf("%w: %w", ErrNoNamespaces, err)
		}
	}
	return fmt.Errorf("running again in a sandbox: %w", err)
}

// isolation asks for the namespaces; who is not root brings a user namespace in which the same user may make them.
func isolation(uid, gid int) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS, Pdeathsig: unix.SIGKILL}
	if uid != 0 {
		attributes.Cloneflags |= unix.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: uid, HostID: uid, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: gid, HostID: gid, Size: 1}}
		attributes.AmbientCaps = []uintptr{unix.CAP_NET_BIND_SERVICE, unix.CAP_NET_ADMIN, unix.CAP_SYS_ADMIN}
	}
	return attributes
}

// furnish makes the stand-in for the VPC's resolver everybody's resolver.
func furnish() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("keeping mounts from the machine: %w", err)
	}
	f, err := os.CreateTemp("", "resolv.conf")
	if err != nil {
		return fmt.Errorf("writing resolv.conf: %w", err)
	}
	defer os.Remove(f.Name())
	_, writing := f.WriteString("nameserver " + resolver + "\n")
	if err := errors.Join(writing, f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("writing resolv.conf: %w", err)
	}
	if err := unix.Mount(f.Name(), "/etc/resolv.conf", "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("putting a resolv.conf in place of the machine's: %w", err)
	}
	return nil
}

// run runs a program of the machine with a text as its input.
func run(input, name string, arguments ...string) error {
	path, err := exec.LookPath(name)
	if err != nil {
		// Debian keeps both out of an ordinary user's path.
		if path, err = exec.LookPath("/usr/sbin/" + name); err != nil {
			return fmt.Errorf("%s is missing: install Debian's iproute2 and nftables: %w", name, err)
		}
	}
	command := exec.Command(path, arguments...)
	command.Stdin = strings.NewReader(input)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s; its input was:\n%s", command, err, strings.TrimSpace(string(output)), input)
	}
	return nil
}
