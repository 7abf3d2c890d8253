package templates

import (
	"github.com/tierform/tierform/pkg/cfn"
	"github.com/tierform/tierform/pkg/resources"
)

// addSecrets declares the secret of the service's database role and those its entry names.
func (s *serviceTier) addSecrets() {
	if s.entry.Database {
		s.secrets = append(s.secrets, serviceSecret{
			resource: cfn.Add(s.Template, s.id+"DatabaseSecret", "Credentials of the database role of "+s.entry.Name, resources.Secret(resources.SecretInput{
				Name:        s.in.SecretName(s.entry.Name),
				Description: "Database role of " + s.entry.Name + ". The administration task creates the role and rotates the password.",
				Key:         s.in.SecretsKey,
				UserName:    databaseUser(s.entry.Name),
			})),
			variables: map[string]string{"DATABASE_USERNAME": "username", "DATABASE_PASSWORD": "password"},
			database:  true,
		})
	}
	for _, name := range s.entry.Secrets {
		s.secrets = append(s.secrets, serviceSecret{
			resource: cfn.Add(s.Template, s.id+logicalID(name)+"Secret", "Secret "+name+" of "+s.entry.Name, resources.Secret(resources.SecretInput{
				Name:        s.in.SecretName(s.entry.Name + "-" + name),
				Description: "Secret " + name + " of " + s.entry.Name + ". Replace the generated value by the real one.",
				Key:         s.in.SecretsKey,
				Unrotated:   "An operator sets the value: it is made elsewhere, and only there can it be replaced",
			})),
			variables: map[string]string{environmentVariable(name, ""): ""},
		})
	}
}

// readSecrets lets a role read the secrets chosen.
func (s *serviceTier) readSecrets(chosen func(serviceSecret) bool) []resources.Statement {
	var list []cfn.SecretARN
	for _, secret := range s.secrets {
		if chosen(secret) {
			list = append(list, resources.SecretARN(secret.resource))
		}
	}
	if len(list) == 0 {
		return nil
	}
	return resources.ReadSecrets(s.in.SecretsKey, list...)
}

// addRoles declares what the containers may do (task role) and what starting them needs (task execution role).
func (s *serviceTier) addRoles() {
	// The service reads its password again when a login fails; other values change with a release, which starts new tasks.
	readPassword := s.readSecrets(func(secret serviceSecret) bool { return secret.database })
	injectSecrets := s.readSecrets(func(serviceSecret) bool { return true })
	s.taskRole = cfn.Add(s.Template, s.id+"TaskRole", "What the containers of "+s.entry.Name+" may do", resources.Role(resources.RoleInput{
		Name:        s.in.TaskRoleName(s.entry.Name),
		Description: "Containers of " + s.entry.Name,
		Trust:       resources.TaskTrust(),
		Statements: append([]resources.Statement{{
			Sid: "SendTraces", Actions: []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
			AnyResource: "X-Ray has no resource for trace segments",
		}}, readPassword...),
	}))
	statements := append(resources.PullImages(s.in.RepositoryName(s.entry.Name), s.in.RepositoryName(envoyImage), s.in.RepositoryName(collectorImage)),
		resources.LogGroupWriters("WriteLogs", resources.LogGroupARN(s.logGroup)))
	s.executionRole = cfn.Add(s.Template, s.id+"ExecutionRole", "What ECS needs to start tasks of "+s.entry.Name, resources.Role(resources.RoleInput{
		Name:        s.in.ExecutionRoleName(s.entry.Name),
		Description: "Starts tasks of " + s.entry.Name,
		Trust:       resources.TaskTrust(),
		Statements:  append(statements, injectSecrets...),
	}))
}

// addSecretPolicies keeps everybody but the service's own roles from its secrets; the administration task rotates database
// passwords. The deploy role is not refused here, because CloudFormation's handler may read a secret that it updates, but
// no policy grants it the value either (see deploy_role_data.go).
func (s *serviceTier) addSecretPolicies() {
	deployRole := cfn.RoleARN(resources.RoleNameARN(s.in.DeployRoleName()))
	for _, secret := range s.secrets {
		readers := []cfn.RoleARN{resources.RoleARN(s.executionRole), deployRole}
		writer := s.in.OperatorRoleName()
		if secret.database {
			readers = append([]cfn.RoleARN{resources.RoleARN(s.taskRole)}, readers...)
			writer = s.in.TaskRoleName(administrationImage)
		}
		cfn.Add(s.Template, secret.resource.LogicalID()+"Policy", "Who may read and change this secret of "+s.entry.Name,
			resources.SecretReaders(resources.SecretARN(secret.resource), readers, []cfn.RoleARN{cfn.RoleARN(resources.RoleNameARN(writer))}))
	}
}
