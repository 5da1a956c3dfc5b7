// A bot on slack-go.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

var api = slack.New(
	os.Getenv("SLACK_BOT_TOKEN"),
	slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")),
	slack.OptionAPIURL(os.Getenv("SLACK_API_URL")),
)

func text(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

func form() slack.ModalViewRequest {
	when := slack.NewInputBlock("when", text("When"), nil, slack.NewPlainTextInputBlockElement(nil, "value"))
	what := slack.NewInputBlock("what", text("What"), nil,
		slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, text("Choose"), "service"))
	what.Optional = true
	return slack.ModalViewRequest{
		Type:       slack.VTModal,
		CallbackID: "form",
		Title:      text("An order"),
		Submit:     text("Send"),
		Blocks:     slack.Blocks{BlockSet: []slack.Block{when, what}},
	}
}

func say(channel string, options ...slack.MsgOption) {
	if _, _, err := api.PostMessage(channel, options...); err != nil {
		log.Println(err)
	}
}

func onEvent(event slackevents.EventsAPIEvent) {
	switch event := event.InnerEvent.Data.(type) {
	case *slackevents.MessageEvent:
		if event.Text == "ping" {
			say(event.Channel, slack.MsgOptionText("pong", false))
		}
	case *slackevents.AppMentionEvent:
		yes := slack.NewButtonBlockElement("approve", "yes", text("Yes"))
		say(event.Channel, slack.MsgOptionText("Shall I?", false),
			slack.MsgOptionBlocks(slack.NewActionBlock("answer", yes)))
	}
}

func onInteraction(client *socketmode.Client, request *socketmode.Request, callback slack.InteractionCallback) {
	channel := os.Getenv("CHANNEL")
	switch callback.Type {
	case slack.InteractionTypeBlockSuggestion:
		option := slack.NewOptionBlockObject(callback.Value, text(strings.ToUpper(callback.Value)), nil)
		client.Ack(*request, map[string]interface{}{"options": []*slack.OptionBlockObject{option}})
	case slack.InteractionTypeViewSubmission:
		written := callback.View.State.Values["when"]["value"].Value
		if written == "bad" {
			client.Ack(*request, map[string]interface{}{
				"response_action": "errors", "errors": map[string]string{"when": "Not then"},
			})
			return
		}
		client.Ack(*request)
		say(channel, slack.MsgOptionText("submitted: "+written, false))
	case slack.InteractionTypeBlockActions:
		client.Ack(*request)
		say(channel, slack.MsgOptionText("pressed: "+callback.ActionCallback.BlockActions[0].Value, false))
	case slack.InteractionTypeShortcut:
		client.Ack(*request)
		say(channel, slack.MsgOptionText("shortcut", false))
	case slack.InteractionTypeMessageAction:
		client.Ack(*request)
		say(channel, slack.MsgOptionText("about: "+callback.Message.Text, false))
	default:
		client.Ack(*request)
	}
}

func main() {
	client := socketmode.New(api)
	go func() {
		for event := range client.Events {
			switch event.Type {
			case socketmode.EventTypeEventsAPI:
				client.Ack(*event.Request)
				if data, ok := event.Data.(slackevents.EventsAPIEvent); ok {
					onEvent(data)
				}
			case socketmode.EventTypeSlashCommand:
				command := event.Data.(slack.SlashCommand)
				if command.Command == "/echo" {
					client.Ack(*event.Request, map[string]interface{}{"text": "echo: " + command.Text})
					continue
				}
				client.Ack(*event.Request)
				if _, err := api.OpenView(command.TriggerID, form()); err != nil {
					log.Println(err)
				}
			case socketmode.EventTypeInteractive:
				if callback, ok := event.Data.(slack.InteractionCallback); ok {
					onInteraction(client, event.Request, callback)
				}
			case socketmode.EventTypeErrorBadMessage:
				if bad, ok := event.Data.(*socketmode.ErrorBadMessage); ok {
					text, _ := json.Marshal(bad.Message)
					log.Println("bad message:", string(text))
				}
			}
		}
	}()
	log.Println(client.Run())
}
