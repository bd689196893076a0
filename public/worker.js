// Runs the page's WASM once more, beside the page, to colour code there. The address says where its parts are.
const parts = new URL(self.location.href).searchParams;
const { default: load, colour } = await import(parts.get('js'));
await load({ module_or_path: parts.get('wasm') });
colour(parts.get('grammars'));
