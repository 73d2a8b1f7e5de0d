// Writes what is generated from the contract: OpenAPI and the engines' JSON Schemas. `--check` writes nothing and fails
// when a committed file differs from what would be written.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
	EmbedManifest,
	Failure,
	InferenceRequest,
	Manifest,
	Progress,
	ReconstructManifest,
} from "@gen3d/shared/inference";
import { toOpenApi } from "@gen3d/shared/openapi";
import { SessionRecord } from "@gen3d/shared/session-record";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = "packages/shared/generated";

const schemas = {
	EmbedManifest,
	Failure,
	InferenceRequest,
	Manifest,
	Progress,
	ReconstructManifest,
	SessionRecord,
};

const files = new Map<string, object>([
	[`${folder}/openapi.json`, toOpenApi()],
]);
for (const [name, schema] of Object.entries(schemas)) {
	files.set(
		`${folder}/${name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}.schema.json`,
		{
			$schema: "https://json-schema.org/draft/2020-12/schema",
			title: name,
			...schema,
		},
	);
}

const drifted: string[] = [];
for (const [path, value] of files) {
	const text = `${JSON.stringify(value, null, 2)}\n`;
	if (process.argv.includes("--check")) {
		let present = "";
		try {
			present = readFileSync(join(root, path), "utf8");
		} catch {
			// A missing file has drifted, too.
		}
		if (present !== text) drifted.push(path);
		continue;
	}
	mkdirSync(dirname(join(root, path)), { recursive: true });
	writeFileSync(join(root, path), text);
}
if (drifted.length > 0) {
	console.error(
		`Generated files differ from the contract: ${drifted.join(", ")}. Run: pnpm fix`,
	);
	process.exit(1);
}
