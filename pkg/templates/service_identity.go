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
			})),
			variables: map[string]string{environmentVariable(name, ""): ""},
		})
	}
}

func (s *serviceTier) secretARNs() (list []cfn.SecretARN) {
	for _, secret := range s.secrets {
		list = append(list, resources.SecretARN(secret.resource))
	}
	return list
}

// addRoles declares what the containers may do (task role) and what starting them needs (task execution role).
func (s *serviceTier) addRoles() {
	var readSecrets []resources.Statement
	if len(s.secrets) > 0 {
		readSecrets = resources.ReadSecrets(s.in.SecretsKey, s.secretARNs()...)
	}
	// The service reads its secrets again when a login fails, so the task role may, too.
	s.taskRole = cfn.Add(s.Template, s.id+"TaskRole", "What the containers of "+s.entry.Name+" may do", resources.Role(resources.RoleInput{
		Name:        s.in.TaskRoleName(s.entry.Name),
		Description: "Containers of " + s.entry.Name,
		Trust:       resources.TaskTrust(),
		Statements: append([]resources.Statement{{
			Sid: "SendTraces", Actions: []string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"},
			AnyResource: "X-Ray has no resource for trace segments",
		}}, readSecrets...),
	}))
	statements := append(resources.PullImages(s.in.RepositoryName(s.entry.Name), s.in.RepositoryName(envoyImage), s.in.RepositoryName(collectorImage)),
		resources.LogGroupWriters("WriteLogs", resources.LogGroupARN(s.logGroup)))
	s.executionRole = cfn.Add(s.Template, s.id+"ExecutionRole", "What ECS needs to start tasks of "+s.entry.Name, resources.Role(resources.RoleInput{
		Name:        s.in.ExecutionRoleName(s.entry.Name),
		Description: "Starts tasks of " + s.entry.Name,
		Trust:       resources.TaskTrust(),
		Statements:  append(statements, readSecrets...),
	}))
}

// addSecretPolicies keeps everybody but the service's own roles from its secrets; the administration task rotates database
// passwords. The deploy role is not refused here, because CloudFormation's handler may read a secret that it updates, but
// no policy grants it the value either (see deploy_role_data.go).
func (s *serviceTier) addSecretPolicies() {
	deployRole := cfn.RoleARN(resources.RoleNameARN(s.in.DeployRoleName()))
	administration := cfn.RoleARN(resources.RoleNameARN(s.in.TaskRoleName(administrationImage)))
	readers := []cfn.RoleARN{resources.RoleARN(s.taskRole), resources.RoleARN(s.executionRole), deployRole}
	for _, secret := range s.secrets {
		var writers []cfn.RoleARN // without writers the operator sets the value
		if secret.database {
			writers = []cfn.RoleARN{administration}
		}
		cfn.Add(s.Template, secret.resource.LogicalID()+"Policy", "Who may read and change this secret of "+s.entry.Name,
			resources.SecretReaders(resources.SecretARN(secret.resource), readers, writers))
	}
}
