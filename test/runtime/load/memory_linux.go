package load

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Resident is a process's resident set in MiB, and the largest that it ever was (proc_pid_status(5), VmRSS and VmHWM).
func Resident(pid int) (now, peak float64, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("reading the memory of process %d: %w", pid, err)
	}
	for line := range strings.Lines(string(data)) {
		name, value, _ := strings.Cut(line, ":")
		if name != "VmRSS" && name != "VmHWM" {
			continue
		}
		kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		if err != nil {
			return 0, 0, fmt.Errorf("reading the memory of process %d: %s: %w", pid, name, err)
		}
		if name == "VmRSS" {
			now = float64(kilobytes) / 1024
		} else {
			peak = float64(kilobytes) / 1024
		}
	}
	return now, peak, nil
}
