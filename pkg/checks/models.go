package checks

import "sync"

// models are what rules ask of a world, each built when it is first asked for.
type models struct {
	families   onceOf[map[string]*Resource] // task definitions, see taskDefinition
	network    onceOf[*Network]
	identity   onceOf[*Identity]
	operations onceOf[*Operations]
	required   onceOf[map[string][]requiredProperty]
	uses       onceOf[map[*Template][]nameUse]
	events     onceOf[*eventRules]
	deployers  onceOf[[]*deployer]
}

// onceOf is a value that is built once, when it is first needed.
type onceOf[T any] struct {
	once  sync.Once
	value T
}

func (o *onceOf[T]) get(build func() T) T {
	o.once.Do(func() { o.value = build() })
	return o.value
}
