package world

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// userOf is the user ID of a container, where the present user may become another; else zero.
func (c Container) userOf() (uint32, error) {
	uid, _, _ := strings.Cut(c.User, ":")
	n, err := strconv.ParseUint(uid, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%s %s: user %q: %w", c.Service, c.Name, c.User, err)
	}
	if os.Getuid() != 0 || !Inside() {
		return 0, nil
	}
	return uint32(n), nil
}

// expose mounts a program, or the folder that it lies in, where every user finds it: repositories lie in homes that others
// cannot enter. The second result takes it away again.
func expose(path, folder string) (string, func() error, error) {
	if folder != "" {
		inside, err := filepath.Rel(folder, path)
		if err != nil {
			return "", nil, fmt.Errorf("exposing %s: %w", path, err)
		}
		to, hide, err := expose(folder, "")
		return filepath.Join(to, inside), hide, err
	}
	dir, err := os.MkdirTemp("", "program")
	if err != nil {
		return "", nil, fmt.Errorf("exposing %s: %w", path, err)
	}
	to := filepath.Join(dir, filepath.Base(path))
	err = errors.Join(os.Chmod(dir, 0o755), point(path, to), unix.Mount(path, to, "", unix.MS_BIND, ""))
	if err != nil {
		return "", nil, fmt.Errorf("exposing %s: %w", path, errors.Join(err, os.RemoveAll(dir)))
	}
	return to, func() error { return errors.Join(unix.Unmount(to, unix.MNT_DETACH), os.RemoveAll(dir)) }, nil
}

// point makes what a mount of a path can be put over.
func point(path, to string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return os.Mkdir(to, 0o755)
	}
	return os.WriteFile(to, nil, 0o644)
}
