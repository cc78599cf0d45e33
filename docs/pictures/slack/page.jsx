// One page of messages as Slack's client shows them: a heading, then the message. Only for pictures of the documents.

import { createRoot } from "react-dom/client";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";

const LOGO =
  "data:image/svg+xml;utf8," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="4" fill="#2b5c8a"/>' +
      '<path d="M9 8h14l4 4v16H9z" fill="#fff"/><path d="M12 15h12M12 19h12M12 23h8" stroke="#2b5c8a" stroke-width="1.6"/></svg>',
  );

// The library takes "verbatim" for "no markup at all"; to Slack it means that nothing but written markup is read
// (https://docs.slack.dev/reference/block-kit/composition-objects/text-object).
const read = (text) => JSON.parse(text, (key, value) => (key === "verbatim" ? undefined : value));

function Shown({ title, body }) {
  const blocks = body.blocks ?? [{ type: "section", text: { type: "mrkdwn", text: body.text } }];
  return (
    <section className="shown">
      {title ? <h2>{title}</h2> : null}
      <Message blocks={blocks} name="Paperboy" logo={LOGO} time={new Date(Date.UTC(2026, 6, 6, 9, 0))} />
    </section>
  );
}

const messages = read(document.getElementById("messages").textContent);
createRoot(document.getElementById("page")).render(messages.map(([title, body], at) => <Shown key={at} title={title} body={body} />));
