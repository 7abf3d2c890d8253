// Package registry pushes images to the foundation's repositories in Amazon ECR, by digest, and mirrors others into them.
package registry

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/tierform/tierform/tools/images/internal/trust"
)

// Address is the registry of an environment.
type Address struct {
	// Host is the registry's host name, with a port on loopback.
	Host string
	// Account is the AWS account, empty on loopback.
	Account string
	// Environment is the suffix of the repositories' names.
	Environment string
}

// Parse checks a registry's host name and an environment's suffix.
func Parse(host, environment string) (Address, error) {
	suffix := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	if len(environment) > 12 || !suffix.MatchString(environment) {
		return Address{}, fmt.Errorf("--env is %q: allowed are 1 to 12 lower-case letters and digits, with single hyphens between them, such as dev",
			environment)
	}
	ecr := regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.` + trust.Region + `\.amazonaws\.com$`)
	if parts := ecr.FindStringSubmatch(host); parts != nil {
		return Address{Host: host, Account: parts[1], Environment: environment}, nil
	}
	if regexp.MustCompile(`^(localhost|127\.0\.0\.1):[0-9]{1,5}$`).MatchString(host) {
		return Address{Host: host, Environment: environment}, nil
	}
	return Address{}, fmt.Errorf("--registry is %q: allowed are <account of 12 digits>.dkr.ecr.%s.amazonaws.com, in the platform's region, and localhost:<port> for a try",
		host, trust.Region)
}

// Repository returns the foundation's repository of an image.
func (a Address) Repository(image string) (name.Repository, error) {
	repository, err := name.NewRepository(a.Host + "/ecr-" + image + "-" + a.Environment)
	if err != nil {
		return name.Repository{}, fmt.Errorf("repository of %s: %w", image, err)
	}
	return repository, nil
}

// Names returns the images that the foundation's template has a repository for.
func Names(foundation []byte) ([]string, error) {
	line := regexp.MustCompile(`(?m)^ +RepositoryName: !Sub ecr-([a-z0-9-]+)-\$\{EnvironmentSuffix\}$`)
	var names []string
	for _, found := range line.FindAllSubmatch(foundation, -1) {
		names = append(names, string(found[1]))
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the foundation's template names no repository ecr-<image>-${EnvironmentSuffix}")
	}
	return names, nil
}

// CheckNames refuses an image without a repository.
func CheckNames(images, repositories []string) error {
	for _, image := range images {
		if !slices.Contains(repositories, image) {
			return fmt.Errorf("image %s has no repository in golden/foundation.yaml: allowed are %s", image, strings.Join(repositories, ", "))
		}
	}
	return nil
}
