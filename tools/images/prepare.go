package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/tierform/tierform/tools/images/internal/image"
	"github.com/tierform/tierform/tools/images/internal/program"
	"github.com/tierform/tierform/tools/images/internal/registry"
	"github.com/tierform/tierform/tools/images/internal/trust"
)

// job is a run whose input is known to be good.
type job struct {
	options
	// names are the programs; repositories is what the foundation has room for.
	names, repositories []string
	mirrored            []registry.Pin
	settings            image.Settings
	address             registry.Address
	login               authn.Authenticator
	out                 io.Writer
}

func prepare(ctx context.Context, o options, p pins, now time.Time, out io.Writer) (*job, error) {
	j := &job{options: o, out: out}
	foundation, err := os.ReadFile(filepath.Join(o.root, "golden", "foundation.yaml"))
	if err != nil {
		return nil, fmt.Errorf("find the repositories: %w: --root has to be the repository's root", err)
	}
	if j.repositories, err = registry.Names(foundation); err != nil {
		return nil, err
	}
	if err := j.prepareRegistry(p); err != nil {
		return nil, err
	}
	if err := j.prepareBuild(p, now); err != nil {
		return nil, err
	}
	if j.push || j.mirror {
		j.login, err = j.address.Login(ctx)
	}
	return j, err
}

func (j *job) prepareBuild(p pins, now time.Time) (err error) {
	if !j.builds() {
		return nil
	}
	if j.names, err = program.Discover(j.services()); err != nil {
		return err
	}
	if err := registry.CheckNames(j.names, j.repositories); err != nil {
		return err
	}
	trusted, err := trust.Load(p.Trust, now)
	if err != nil {
		return err
	}
	j.settings = image.Settings{Trusted: trusted, Created: j.created, Source: j.source, Revision: j.revision}
	return nil
}

func (j *job) prepareRegistry(p pins) (err error) {
	if !j.push && !j.mirror {
		return nil
	}
	if j.address, err = registry.Parse(j.registry, j.env); err != nil {
		return err
	}
	if j.mirror {
		j.mirrored, err = j.pinned(p.Mirror)
	}
	return err
}

// pinned returns the images to mirror, each with a digest.
func (j *job) pinned(all []registry.Pin) ([]registry.Pin, error) {
	var list []registry.Pin
	for _, pin := range all {
		if err := registry.CheckNames([]string{pin.Name}, j.repositories); err != nil {
			return nil, err
		}
		if err := pin.Check(); err != nil {
			return nil, err
		}
		filled, err := pin.With(*j.digests[pin.Name])
		if err != nil {
			return nil, err
		}
		list = append(list, filled)
	}
	return list, nil
}

func (j *job) services() string { return filepath.Join(j.root, "services") }

// target returns the repository of an image in the environment's registry.
func (j *job) target(name string) (registry.Target, error) {
	repository, err := j.address.Repository(name)
	return registry.Target{Repository: repository, Login: j.login}, err
}
