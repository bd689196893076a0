"""OpenAI's own client for Python, against the relay that the environment names."""

import json
import os
import sys

import openai

client = openai.OpenAI(
    base_url=os.environ["RELAY_URL"], api_key=os.environ["RELAY_TOKEN"], max_retries=0
)


def ask(content, **more):
    messages = [{"role": "user", "content": content}]
    return client.chat.completions.create(model="scripted", messages=messages, **more)


def an_answer_at_once():
    answer = ask("say hello")
    assert answer.choices[0].message.content == "Hello! How can I help?"
    assert answer.usage.completion_tokens == 20


def an_answer_as_it_comes():
    for wanted in (openai.omit, {"include_usage": True}):
        chunks = list(ask("say hello", stream=True, stream_options=wanted))
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        assert text == "Hello! How can I help?", text
        counts = [chunk.usage for chunk in chunks if chunk.usage]
        assert len(counts) == (0 if wanted is openai.omit else 1), counts


def calls_of_tools():
    function = {"name": "weather", "arguments": '{"place":"Bergen"}'}
    call = {"index": 0, "id": "call_1", "type": "function", "function": function}
    steps = [{"chunk": {"tool_calls": [call]}}, {"finish": "tool_calls"}, "done"]
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    chunks = list(ask("script: " + json.dumps(steps), stream=True, tools=tools))
    made = chunks[0].choices[0].delta.tool_calls[0]
    assert (made.id, made.function.arguments) == ("call_1", '{"place":"Bergen"}')
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


def raised(kind, content, **more):
    try:
        ask(content, **more)
    except kind as error:
        return error
    raise AssertionError(f"{content}: {kind.__name__} was not raised")


def errors_have_their_types():
    raised(openai.NotFoundError, "404")
    raised(openai.InternalServerError, "500")
    header = {"x-inglenook-provider": "nobody"}
    refused = raised(openai.BadRequestError, "?", extra_headers=header)
    assert (refused.code, refused.param) == ("unknown_provider", "x-inglenook-provider")
    try:
        client.with_options(api_key="sk-1").models.list()
    except openai.AuthenticationError as error:
        assert error.code == "invalid_api_key"
    else:
        raise AssertionError("a wrong token was let in")


def a_limit_of_the_provider():
    # The last of all: its only key is set aside for so many seconds.
    limited = raised(openai.RateLimitError, "429")
    assert limited.response.headers["retry-after"] == "7"


def an_abort():
    # What becomes of it at the provider is for the caller of this program to see.
    stream = ask("stall", stream=True)
    next(iter(stream))
    stream.close()


def models():
    assert [model.id for model in client.models.list()] == ["scripted", "openai/scripted"]
    assert client.models.retrieve("openai/scripted").owned_by == "openai"


if __name__ == "__main__":
    for check in (
        an_answer_at_once,
        an_answer_as_it_comes,
        calls_of_tools,
        errors_have_their_types,
        models,
        an_abort,
        a_limit_of_the_provider,
    ):
        check()
        print(check.__name__, flush=True)
    sys.exit(0)
