// Passkeys: asks the device for what the server wants, puts the answer into the form's hidden field, and sends the form.
// A form says what it wants: data-passkey="login" (asks the server first), "get" or "create" (what is wanted stands in
// the page as JSON). Without script the button sends an empty answer, which the server refuses in words.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const known = (list) => (list ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));

async function get(options) {
  const wanted = { ...options.publicKey, challenge: toBytes(options.publicKey.challenge) };
  wanted.allowCredentials = known(wanted.allowCredentials);
  const found = await navigator.credentials.get({ publicKey: wanted });
  const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
  return {
    id: found.id,
    rawId: toText(found.rawId),
    type: found.type,
    clientExtensionResults: found.getClientExtensionResults(),
    response: {
      authenticatorData: toText(authenticatorData),
      clientDataJSON: toText(clientDataJSON),
      signature: toText(signature),
      userHandle: userHandle ? toText(userHandle) : null,
    },
  };
}

async function create(options) {
  const wanted = { ...options.publicKey, challenge: toBytes(options.publicKey.challenge) };
  wanted.user = { ...wanted.user, id: toBytes(wanted.user.id) };
  wanted.excludeCredentials = known(wanted.excludeCredentials);
  const made = await navigator.credentials.create({ publicKey: wanted });
  const { attestationObject, clientDataJSON } = made.response;
  return {
    id: made.id,
    rawId: toText(made.rawId),
    type: made.type,
    clientExtensionResults: made.getClientExtensionResults(),
    response: { attestationObject: toText(attestationObject), clientDataJSON: toText(clientDataJSON) },
  };
}

async function optionsFor(form) {
  if (form.dataset.passkey !== "login") return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const says = form.querySelector("[data-passkey-says]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    says.hidden = true;
    try {
      const options = await optionsFor(form);
      const wanted = options.creation_options ?? options.request_options;
      const answer = await (form.dataset.passkey === "create" ? create(wanted) : get(wanted));
      form.elements.credential.value = JSON.stringify(answer);
      form.submit();
    } catch {
      says.hidden = false;
    }
  });
}
