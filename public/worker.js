// Runs the page's WASM once more, beside the page, to colour code there. The address says where its parts are.
const parts = new URL(self.location.href).searchParams;
const { default: load } = await import(parts.get('js'));
const page = await load({ module_or_path: parts.get('wasm') });
page.colour(parts.get('grammars'));
