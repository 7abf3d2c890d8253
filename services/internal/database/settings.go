// Package database opens PostgreSQL as the platform gives it to a service: TLS
// that is verified, and a password that may change at any moment.
package database

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tierform/tierform/services/internal/config"
)

// AllowUnverified is the variable that lets DATABASE_SSLMODE be weaker than
// verify-full, for a database on a developer's machine. No template sets it.
const AllowUnverified = "DATABASE_ALLOW_UNVERIFIED_TLS"

const connectTimeout = 5 * time.Second

// Settings say which database, and who connects.
type Settings struct {
	Host        string // DATABASE_HOST
	Port        int    // DATABASE_PORT
	Name        string // DATABASE_NAME
	SSLMode     string // DATABASE_SSLMODE, in libpq's words
	RootCert    string // PGSSLROOTCERT; empty means the system's authorities
	Application string // application_name: the service, a slash, the instance
}

// ReadSettings reads the variables that the task definition gives every program
// with a database.
func ReadSettings(r *config.Reader, application string) Settings {
	return Settings{
		Host:        r.String("DATABASE_HOST"),
		Port:        r.Port("DATABASE_PORT"),
		Name:        r.String("DATABASE_NAME"),
		SSLMode:     r.OneOf("DATABASE_SSLMODE", modes(r)...),
		RootCert:    r.Optional("PGSSLROOTCERT", ""),
		Application: application,
	}
}

func modes(r *config.Reader) []string {
	if r.Optional(AllowUnverified, "") != "yes" {
		return []string{"verify-full"}
	}
	return []string{"verify-full", "verify-ca", "require", "disable"}
}

// ConnConfig is the way to the database without credentials.
func (s Settings) ConnConfig() (*pgx.ConnConfig, error) {
	query := url.Values{"sslmode": {s.SSLMode}, "sslrootcert": {s.RootCert}, "application_name": {s.Application}}
	address := url.URL{
		Scheme:   "postgres",
		Host:     net.JoinHostPort(s.Host, strconv.Itoa(s.Port)),
		Path:     "/" + s.Name,
		RawQuery: query.Encode(),
	}
	parsed, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, fmt.Errorf("prepare connecting to %s:%d (is the file of PGSSLROOTCERT in the image?): %w", s.Host, s.Port, err)
	}
	parsed.ConnectTimeout = connectTimeout
	if parsed.TLSConfig != nil {
		parsed.TLSConfig.MinVersion = tls.VersionTLS12
	}
	return parsed, nil
}
