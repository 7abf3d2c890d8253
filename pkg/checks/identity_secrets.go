package checks

// secretUse is who a secret is for.
type secretUse struct {
	// readers are the ARNs of the roles of tasks and functions that name it.
	readers []string
	// places are where task definitions name it, one each.
	places []place
}

// secretUses finds the use of every secret, by its ARN.
func (id *Identity) secretUses() map[string]*secretUse {
	return id.uses.get(func() map[string]*secretUse {
		uses := map[string]*secretUse{}
		for _, t := range id.tasks {
			for _, u := range t.injected {
				addSecretUse(uses, u.arn, t.execution, u.at)
			}
			for _, u := range t.named {
				addSecretUse(uses, u.arn, t.task, u.at)
			}
		}
		for _, f := range id.world.OfType("AWS::Lambda::Function") {
			variables := placeOf(f).field("Environment").field("Variables")
			for _, name := range variables.value.Keys() {
				at := variables.field(name)
				addSecretUse(uses, id.secretIn(at.value.String()), id.roleARN(f.At("Role")), at)
			}
		}
		return uses
	})
}

func addSecretUse(uses map[string]*secretUse, secret, reader string, at place) {
	use := uses[secret]
	if use == nil {
		use = &secretUse{}
		uses[secret] = use
	}
	use.readers = append(use.readers, reader)
	if last := len(use.places) - 1; at.resource.Type == "AWS::ECS::TaskDefinition" && (last < 0 || use.places[last].resource != at.resource) {
		use.places = append(use.places, at)
	}
}

// secretUse is the use of one secret.
func (id *Identity) secretUse(secret string) secretUse {
	if use := id.secretUses()[secret]; use != nil {
		return *use
	}
	return secretUse{}
}

// theSecret is a secret with its ARN.
type theSecret struct {
	resource *Resource
	arn      string
}

// secrets are the secrets of the world and those that RDS makes for database administrators.
func (id *Identity) secrets() []theSecret {
	var list []theSecret
	for _, r := range id.world.OfType("AWS::SecretsManager::Secret") {
		list = append(list, theSecret{r, arnOf(r)})
	}
	for _, r := range id.world.OfType("AWS::RDS::DBCluster", "AWS::RDS::DBInstance") {
		if r.At("ManageMasterUserPassword").True() {
			list = append(list, theSecret{r, r.Stack.reference(r.LogicalID, "MasterUserSecret.SecretArn").String()})
		}
	}
	return list
}
