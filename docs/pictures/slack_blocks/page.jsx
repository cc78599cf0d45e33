// One page of what Slack's client shows: messages, replies, unfolded links, App Home, forms. Only for the documents.

import { createRoot } from "react-dom/client";
import { Message } from "slack-blocks-to-jsx";
import "slack-blocks-to-jsx/dist/style.css";
import LOGO from "../logo.svg";

const FACE =
  "data:image/svg+xml;utf8," +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="4" fill="#7a8896"/>' +
      '<circle cx="18" cy="14" r="6" fill="#fff"/><path d="M6 34c0-9 5-13 12-13s12 4 12 13z" fill="#fff"/></svg>',
  );
const TIME = new Date(2026, 6, 10, 9, 0);
const DATA = { users: [], channels: [], user_groups: [] };

// The library takes "verbatim" for "no markup at all"; to Slack it means that nothing but written markup is read
// (https://docs.slack.dev/reference/block-kit/composition-objects/text-object). And it looks for emoji in every text.
function faithful(key, value) {
  if (key === "verbatim") return undefined;
  return value?.emoji === false ? { ...value, text: value.text.replace(/:(?=[^\s:]+:)/g, "\uA789") } : value;
}
const read = (text) => JSON.parse(text, faithful);

const written = (text) => [{ type: "section", text: { type: "mrkdwn", text } }];
const blocksOf = (body) => (body.blocks?.length ? body.blocks : written(body.text));
const Blocks = ({ body, ...more }) => <Message blocks={blocksOf(body)} name="Paperboy" logo={LOGO} time={TIME} data={DATA} theme="light" {...more} />;

const Said = ({ body, private: secret, edited }) => (
  <div className={secret ? "secret" : ""}>
    {secret ? <p className="only">👁 Only visible to you</p> : null}
    <Blocks body={body} />
    {edited ? <p className="edited">(edited)</p> : null}
  </div>
);

const Form = ({ body }) => (
  <div className="form">
    <header>
      <b>{body.title.text}</b>
      <span>✕</span>
    </header>
    <Blocks body={body} withoutWrapper />
    <footer>
      <button>{body.close?.text ?? "Close"}</button>
      {body.submit ? <button className="submit">{body.submit.text}</button> : null}
    </footer>
  </div>
);

const SURFACES = {
  message: Said,
  reply: (shown) => <div className="reply"><Said {...shown} /></div>,
  person: ({ body }) => <div className="person"><Message blocks={written(body.text)} name="curator" logo={FACE} time={TIME} theme="light" /></div>,
  unfurl: ({ body }) => <div className="unfurl"><Blocks body={body} withoutWrapper /></div>,
  home: ({ body }) => <div className="home"><Blocks body={body} withoutWrapper /></div>,
  form: Form,
};

function Shown({ before, ...shown }) {
  const Surface = SURFACES[shown.surface];
  return (
    <section className="shown">
      {before ? <p className="before">{before} {shown.said ? <code>{shown.said}</code> : null}</p> : null}
      <Surface {...shown} />
    </section>
  );
}

const all = read(document.getElementById("messages").textContent);
createRoot(document.getElementById("page")).render(all.map((shown, at) => <Shown key={at} {...shown} />));
