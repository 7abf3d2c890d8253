package administration

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/database"
	"github.com/tierform/tierform/services/internal/secret"
)

// Service is a service with a role in the database.
type Service struct {
	Name      string // as payment-api
	Role      string // its database role, as payment_api
	SecretARN string // of the secret with the role's credentials
}

// Settings are what the task definition gives the program.
type Settings struct {
	Database database.Settings
	// Username and Password are the master's. ECS reads them from the secret that RDS rotates, when the task starts.
	Username string
	Password secret.Text
	// Environment stands in every log line.
	Environment string
	// RotateAfter is the age from which a password is due.
	RotateAfter time.Duration
	// Services are in the order of their names.
	Services []Service
}

const (
	secretSuffix = "_SECRET_ARN"
	programName  = "administration"
	day          = 24 * time.Hour
	// mostDays is more than any standard allows: PCI DSS 8.6.3 leaves the period to a risk analysis.
	mostDays = 365
)

// serviceVariable is the name of a service as a variable has it: the catalogue's kebab-case with underscores.
var serviceVariable = regexp.MustCompile(`^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)` + secretSuffix + `$`)

// ReadSettings reads the environment, in the form of os.Environ, and reports everything that is wrong with it at once.
func ReadSettings(environ []string) (Settings, error) {
	values := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		values[name] = value
	}
	r := config.NewReader(func(name string) (string, bool) { value, ok := values[name]; return value, ok })
	s := Settings{
		Database:    database.ReadSettings(r, programName),
		Username:    r.String("MASTER_USERNAME"),
		Password:    r.Secret("MASTER_PASSWORD"),
		Environment: r.String("ENVIRONMENT"),
		RotateAfter: time.Duration(r.Int("ROTATE_AFTER_DAYS", 1, mostDays)) * day,
		Services:    services(values),
	}
	if len(s.Services) == 0 {
		r.Fault("<SERVICE>"+secretSuffix, "is not set for any service")
	}
	return s, r.Err()
}

// services finds the services by the variables that name their secrets.
func services(values map[string]string) []Service {
	var found []Service
	for name, arn := range values {
		m := serviceVariable.FindStringSubmatch(name)
		if m == nil || arn == "" {
			continue
		}
		role := strings.ToLower(m[1])
		found = append(found, Service{Name: strings.ReplaceAll(role, "_", "-"), Role: role, SecretARN: arn})
	}
	slices.SortFunc(found, func(a, b Service) int { return strings.Compare(a.Name, b.Name) })
	return found
}
