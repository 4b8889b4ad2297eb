// Passkeys: asks the browser to make or use one, and hands its answer to the form around the button.

import { one } from "./dom";
import { text } from "./texts";

/** `data-create`: make one with `data-options`. Otherwise use one, with `data-options` or those that `data-ask` gives. */
export class Passkey extends HTMLElement {
  connectedCallback(): void {
    const able = typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
    if (able) this.hidden = false;
    else if (!this.dataset["ask"]) this.trouble(text("passkey_missing"));
    const button = one<HTMLButtonElement>("[data-start]", this);
    if (button) button.disabled = !able;
    button?.addEventListener("click", () => void this.start(button));
    // Enter in the name field starts the ceremony as well.
    one<HTMLFormElement>("form", this)?.addEventListener("submit", (event) => {
      if (this.filled()) return;
      event.preventDefault();
      button?.click();
    });
  }

  private async start(button: HTMLButtonElement): Promise<void> {
    button.disabled = true;
    this.trouble("");
    try {
      const credential = this.hasAttribute("data-create") ? await this.make() : await this.use();
      if (!credential) throw new Error("none");
      const field = one<HTMLInputElement>("input[name=credential]", this);
      if (field) field.value = JSON.stringify((credential as PublicKeyCredential).toJSON());
      one<HTMLFormElement>("form", this)?.submit();
    } catch {
      this.trouble(text("passkey_failed"));
      button.disabled = false;
    }
  }

  private async make(): Promise<Credential | null> {
    const { publicKey } = JSON.parse(this.dataset["options"] ?? "{}") as { publicKey: PublicKeyCredentialCreationOptionsJSON };
    const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
    if (one<HTMLInputElement>("input[name=passwordless]", this)?.checked) {
      options.authenticatorSelection = { ...options.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
    }
    return navigator.credentials.create({ publicKey: options });
  }

  private async use(): Promise<Credential | null> {
    const { publicKey } = (await this.options()) as { publicKey: PublicKeyCredentialRequestOptionsJSON };
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
  }

  private async options(): Promise<unknown> {
    if (this.dataset["options"]) return JSON.parse(this.dataset["options"]) as unknown;
    const answer = await fetch(this.dataset["ask"] ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const { request_options: found } = (await answer.json()) as { request_options: unknown };
    return found;
  }

  private filled(): boolean {
    return !!one<HTMLInputElement>("input[name=credential]", this)?.value;
  }

  private trouble(words: string): void {
    const place = one("[data-trouble]", this);
    if (!place) return;
    place.textContent = words;
    place.hidden = !words;
  }
}
