package checks

import "strings"

// checkPublishers: alarms, event rules and database events reach their topics, queues and log groups. (Amazon SNS Developer
// Guide, key management; EventBridge User Guide, resource-based policies; Aurora User Guide, granting permissions to publish.)
func checkPublishers(w *World, l *Looking) {
	forEach(w, l, func(c chain, r *Resource) {
		for _, name := range []string{"AlarmActions", "OKActions", "InsufficientDataActions"} {
			for _, at := range placeOf(r).field(name).items() {
				c.publishes(at, "cloudwatch.amazonaws.com", c.source(arnOf(r)))
			}
		}
	}, "AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
	forEach(w, l, func(c chain, r *Resource) {
		for _, at := range placeOf(r).each("Targets[].Arn") {
			c.publishes(at, "events.amazonaws.com", c.eventSource(r, at))
		}
	}, "AWS::Events::Rule")
	forEach(w, l, func(c chain, r *Resource) {
		source := c.source(c.id.arn("rds", "es:"+r.At("SubscriptionName").String()))
		c.publishes(placeOf(r).field("SnsTopicArn"), "events.rds.amazonaws.com", source)
	}, "AWS::RDS::EventSubscription")
}

// eventSource is what EventBridge sends: to topics nothing that a condition could ask for.
func (c chain) eventSource(rule *Resource, target place) map[string][]string {
	if strings.Contains(target.value.String(), ":sns:") {
		return map[string][]string{"aws:SourceAccount": nil, "aws:SourceArn": nil}
	}
	return c.source(arnOf(rule))
}

// publishes asks for a message to a topic or queue, or an event in a log group, and for the key of it.
func (c chain) publishes(at place, by string, source map[string][]string) {
	arn := at.value.String()
	action, context := "sns:Publish", "aws:sns:topicArn"
	switch {
	case at.value.Unknown() != "":
		c.l.Look()
		c.l.Unsure(at.resource, at.path, by+" may publish", at.value.Unknown())
		return
	case strings.Contains(arn, ":sns:"):
	case strings.Contains(arn, ":sqs:"):
		action, context = "sqs:SendMessage", "aws:sqs:arn"
	case strings.Contains(arn, ":logs:"):
		c.l.Look()
		stream := c.group(at.value) + ":log-stream:x"
		c.needs(at, need{who: asService(by), resource: stream, context: source}, "logs:CreateLogStream", "logs:PutLogEvents")
		return
	default:
		return
	}
	c.l.Look()
	c.needs(at, need{who: asService(by), resource: arn, context: source}, action)
	key, known := c.keyOf(arn)
	if known && key != "" {
		source["kms:EncryptionContext:"+context] = []string{arn}
		c.needs(at, need{who: asService(by), resource: key, context: source}, "kms:Decrypt", "kms:GenerateDataKey")
	}
}
