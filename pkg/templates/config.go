package templates

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
)

// Config is the shape of the platform: what the templates contain. Values that differ between environments are root
// parameters instead.
type Config struct {
	// Services are the microservices, in the order of the root's table of contents.
	Services []Service
	// Zones are IDs (not names: those differ between accounts) of availability zones of us-east-1, 3 to 6 of them.
	// https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html
	Zones []string
}

// Default is the configuration behind golden/. use1-az3 is left out: Aurora Serverless and newer services are not
// offered there.
func Default() Config {
	return Config{Services: Catalog(), Zones: []string{"use1-az1", "use1-az2", "use1-az4"}}
}

// ConfigError is a value of the configuration that cannot be.
type ConfigError struct {
	// Service is the catalogue entry, or empty.
	Service string
	// Field is the field, such as Memory.
	Field string
	// Value is what it held.
	Value any
	// Allowed says what it may hold.
	Allowed string
}

// Error names service, field, value and allowed values.
func (e *ConfigError) Error() string {
	where := "configuration"
	if e.Service != "" {
		where = fmt.Sprintf("service %q", e.Service)
	}
	return fmt.Sprintf("%s: %s is %v; allowed: %s", where, e.Field, e.Value, e.Allowed)
}

// Validate reports everything that is wrong with the configuration, as joined errors of type [*ConfigError].
func (c Config) Validate() error {
	var problems []error
	if len(c.Services) == 0 {
		problems = append(problems, &ConfigError{Field: "Services", Value: "empty", Allowed: "at least one service"})
	}
	if len(c.Zones) < 3 || len(c.Zones) > 6 {
		problems = append(problems, &ConfigError{Field: "Zones", Value: c.Zones, Allowed: "3 to 6 zone IDs"})
	}
	zone := regexp.MustCompile(`^use1-az[1-6]$`)
	for i, z := range c.Zones {
		if !zone.MatchString(z) {
			problems = append(problems, &ConfigError{Field: "Zones", Value: z, Allowed: "zone IDs use1-az1 to use1-az6"})
		}
		if slices.Contains(c.Zones[:i], z) {
			problems = append(problems, &ConfigError{Field: "Zones", Value: z, Allowed: "each zone once"})
		}
	}
	problems = append(problems, validateCatalog(c.Services)...)
	return errors.Join(append(problems, limitProblems(c)...)...)
}

// service finds a catalogue entry by name; validation has made sure that it exists.
func (c Config) service(name string) Service {
	return c.Services[slices.IndexFunc(c.Services, func(s Service) bool { return s.Name == name })]
}

// withDatabase lists the services that own a database role.
func (c Config) withDatabase() []Service {
	return slices.DeleteFunc(slices.Clone(c.Services), func(s Service) bool { return !s.Database })
}

// callers lists the services that call the given one.
func (c Config) callers(of Service) []Service {
	return slices.DeleteFunc(slices.Clone(c.Services), func(s Service) bool {
		return !slices.ContainsFunc(s.Calls, func(call Call) bool { return call.Service == of.Name })
	})
}
