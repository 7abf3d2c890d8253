package checks

import (
	"slices"
	"strings"
)

// Uses tells whether a node declares to use a database: its environment, its secrets or its command name the database's
// endpoint or a secret of the database. The text says why it may although nothing was found.
func (n *Network) Uses(node, database *Node) (bool, string) {
	if node.outside() {
		return false, ""
	}
	told, ok := n.told[node]
	if !ok {
		told = readTold(node)
		told.databases = map[*Node]bool{}
		for _, text := range told.texts {
			told.databases[n.databases[text]] = true
		}
		n.told[node] = told
	}
	if told.databases[database] {
		return true, ""
	}
	if n.apart(node, database) {
		return false, told.maybe
	}
	names := n.names[database]
	for _, text := range told.texts {
		if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(text, name) }) {
			return true, ""
		}
	}
	return false, told.maybe
}

// readTold collects the texts that a node has been told: tasks by their definition, others in any property.
func readTold(node *Node) toldOf {
	var told toldOf
	if node.Kind != Tasks {
		told.read(node.Resource.Properties)
		told.maybe = ""
		return told
	}
	if node.Task == nil {
		return toldOf{maybe: "the task definition is not in the templates"}
	}
	for _, container := range node.Task.At("ContainerDefinitions").List() {
		for _, property := range []string{"Environment", "Secrets", "Command"} {
			told.read(container.At(property))
		}
	}
	return told
}

func (t *toldOf) read(v Value) {
	if text := v.String(); text != "" {
		t.texts = append(t.texts, text)
	}
	if why := v.Unknown(); why != "" {
		t.maybe = why
	}
	for _, item := range v.list {
		t.read(item)
	}
	for _, key := range v.Keys() {
		t.read(v.fields[key])
	}
}

// readDatabaseNames finds what references to databases' endpoints and secrets resolve to.
func (n *Network) readDatabaseNames() {
	for _, database := range n.OfKind(Database) {
		r := database.Resource
		for _, attribute := range []string{"Endpoint.Address", "ReadEndpoint.Address", "Endpoint", "ReadEndpoint", "MasterUserSecret.SecretArn"} {
			n.nameDatabase(database, r.Stack.reference(r.LogicalID, attribute))
		}
	}
	for _, attachment := range n.world.OfType("AWS::SecretsManager::SecretTargetAttachment") {
		for _, database := range n.byOwner[n.world.Find(attachment.At("TargetId"))] {
			n.nameDatabase(database, attachment.At("SecretId"))
		}
	}
}

func (n *Network) nameDatabase(database *Node, name Value) {
	if name.String() != "" {
		n.names[database] = append(n.names[database], name.String())
		n.databases[name.String()] = database
	}
}
