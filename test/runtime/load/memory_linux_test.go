package load

import (
	"os"
	"testing"
)

func TestResident(t *testing.T) {
	t.Parallel()
	now, peak, err := Resident(os.Getpid())
	if err != nil || now <= 0 || peak < now {
		t.Errorf("%v MiB now, %v at most, %v", now, peak, err)
	}
	if _, _, err := Resident(-1); err == nil {
		t.Error("a process that is none has memory")
	}
}
