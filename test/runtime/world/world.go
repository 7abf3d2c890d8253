package world

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tierform/tierform/pkg/checks"
)

// World is what the templates say about run time.
type World struct {
	// Suffix is the environment's suffix.
	Suffix string
	// Services are sorted by name.
	Services []Service
	// Administration is the task that keeps the database's roles and tables.
	Administration Task
	// Listeners are those of the load balancer, by port.
	Listeners []Listener
	// Groups are the security groups, by name.
	Groups []Group
	// Database is the cluster.
	Database Database
	// Secrets are those that Secrets Manager makes, by name.
	Secrets []GeneratedSecret
	// Endpoints are the interface endpoints' DNS names, by AWS's name of the API, such as xray.
	Endpoints map[string]string
	// PrivateSubnets are the address ranges of the tasks' subnets.
	PrivateSubnets []string
}

// Options are the values that a deployment gives to the templates.
type Options struct {
	// Suffix is the environment's suffix; empty means test.
	Suffix string
	// Region and Account are the pseudo parameters; empty means us-east-1 and 111122223333.
	Region, Account string
	// Parameters are values of root parameters beside those that the deploy command sets.
	Parameters map[string]string
}

// Files reads the templates of a directory such as golden/, by base name.
func Files(dir string) (map[string]string, error) {
	files := map[string]string{}
	names, err := fs.Glob(os.DirFS(dir), "*.yaml")
	if err == nil && len(names) == 0 {
		err = errors.New("no templates there: run `make render`")
	}
	for _, name := range names {
		data, readErr := os.ReadFile(filepath.Join(dir, name))
		err = errors.Join(err, readErr)
		files[name] = string(data)
	}
	if err != nil {
		return nil, fmt.Errorf("reading templates in %s: %w", dir, err)
	}
	return files, nil
}

// Read makes a World of the templates in a directory.
func Read(dir string, o Options) (*World, error) {
	files, err := Files(dir)
	if err != nil {
		return nil, err
	}
	return FromFiles(files, o)
}

// FromFiles makes a World of templates by base name. A value that cannot be resolved, is missing or has another form than
// expected is an error that names its place.
func FromFiles(files map[string]string, o Options) (*World, error) {
	var list []checks.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		list = append(list, checks.File{Name: name, Data: []byte(files[name])})
	}
	set, err := checks.Load(list)
	if err != nil {
		return nil, fmt.Errorf("decoding templates: %w", err)
	}
	if o.Suffix == "" {
		o.Suffix = "test"
	}
	deployed := checks.Deploy(set, checks.Environment{AccountID: o.Account, Region: o.Region, Parameters: parameters(o)})
	if len(deployed.Problems) > 0 {
		return nil, fmt.Errorf("following values through the templates: %s", strings.Join(deployed.Problems, "; "))
	}
	b := &builder{deployed: deployed}
	w := b.world(o.Suffix)
	if err := errors.Join(b.problems...); err != nil {
		return nil, err
	}
	return w, nil
}

// parameters are the given values and those that the deploy command sets.
func parameters(o Options) map[string]string {
	digest := "sha256:" + strings.Repeat("0123456789abcdef", 4)
	values := map[string]string{"EnvironmentSuffix": o.Suffix, "ArtifactBucket": "artifacts-" + o.Suffix}
	for _, image := range []string{"PaymentApi", "TransactionProcessor", "NotificationService", "Administration", "Envoy", "Collector"} {
		values[image+"ImageDigest"] = digest
	}
	maps.Copy(values, o.Parameters)
	return values
}

// Service finds a service by name.
func (w *World) Service(name string) (Service, error) {
	for _, s := range w.Services {
		if s.Name == name {
			return s, nil
		}
	}
	return Service{}, fmt.Errorf("the templates have no service %s", name)
}

// Group finds a security group by name.
func (w *World) Group(name string) (Group, error) {
	for _, g := range w.Groups {
		if g.Name == name {
			return g, nil
		}
	}
	return Group{}, fmt.Errorf("the templates have no security group %s", name)
}
