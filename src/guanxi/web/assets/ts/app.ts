// Everything that runs on a page.

import "htmx.org";
import { Receiver, RoleMatrix, Tree } from "./admin";
import { Board } from "./board";
import { Combobox } from "./combobox";
import { Composer } from "./composer";
import * as exporting from "./exporting";
import * as floating from "./floating";
import { Form } from "./form";
import * as importing from "./importing";
import { Passkey } from "./passkey";
import * as keys from "./keys";
import * as palette from "./palette";
import * as peek from "./peek";
import { RecordPage } from "./record";
import { Reference, Try } from "./reference";
import * as search from "./search";
import * as server from "./server";
import * as shell from "./shell";
import { Table } from "./table";
import { showWaiting } from "./toast";

customElements.define("gx-combobox", Combobox);
customElements.define("gx-table", Table);
customElements.define("gx-board", Board);
customElements.define("gx-form", Form);
customElements.define("gx-composer", Composer);
customElements.define("gx-record", RecordPage);
customElements.define("gx-role", RoleMatrix);
customElements.define("gx-tree", Tree);
customElements.define("gx-receiver", Receiver);
customElements.define("gx-passkey", Passkey);
customElements.define("gx-reference", Reference);
customElements.define("gx-try", Try);

for (const part of [server, floating, exporting, importing, shell, palette, peek, keys, search]) part.listen();
showWaiting();
