package database

import (
	"context"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tierform/tierform/services/internal/config"
	"github.com/tierform/tierform/services/internal/secret"
)

// ServiceSettings is what the task definition gives a service with a database:
// where it is, and the credentials of the service's role.
type ServiceSettings struct {
	Database  Settings
	Initial   secret.Credentials // DATABASE_USERNAME, DATABASE_PASSWORD
	SecretARN string             // DATABASE_SECRET_ARN
}

// ReadServiceSettings reads them. The instance tells tasks of one service apart
// in pg_stat_activity.
func ReadServiceSettings(r *config.Reader, instance string) ServiceSettings {
	return ServiceSettings{
		Database: ReadSettings(r, r.Optional("SERVICE_NAME", "unknown")+"/"+instance),
		Initial: secret.Credentials{
			Username: r.String("DATABASE_USERNAME"),
			Password: r.Secret("DATABASE_PASSWORD"),
		},
		SecretARN: r.String("DATABASE_SECRET_ARN"),
	}
}

// Open makes the service's pool; its passwords come from Secrets Manager.
func (s ServiceSettings) Open(ctx context.Context, log *slog.Logger) (*pgxpool.Pool, error) {
	client, err := secret.NewClient(ctx)
	if err != nil {
		return nil, err
	}
	return Open(ctx, s.Database, NewLogin(s.Initial, secret.NewManager(client, s.SecretARN), log))
}
