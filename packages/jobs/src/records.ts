/** Rows of the table, as the use cases see them. The adapter maps them to snake_case attributes. */
import type { JobErrorCode } from "@gen3d/shared/errors";
import type { JobKind, JobState } from "@gen3d/shared/job-states";
import type { PhotoContentType } from "@gen3d/shared/photos";

export type MailState = "none" | "pending" | "sent" | "rejected";

export interface JobRecord {
	readonly jobId: string;
	/** The owner: the user pool's sub. */
	readonly sub: string;
	readonly sessionId: string;
	readonly kind: JobKind;
	readonly state: JobState;
	readonly createdAt: string;
	readonly startedAt: string | null;
	readonly finishedAt: string | null;
	readonly retryOf: string | null;
	/** Hash of the body that made it: the same Idempotency-Key with another body is refused. */
	readonly bodyHash: string;
	/** Of the verified token, for the one mail. */
	readonly email: string | null;
	readonly mail: MailState;
	readonly mailLeaseUntil: string | null;
	/** Mails sent although an earlier attempt may have got through, after a crash in between. */
	readonly mailDuplicates: number;
	readonly invokedAt: string | null;
	readonly invocations: number;
	readonly failureKey: string | null;
	readonly errorCode: JobErrorCode | null;
	readonly objectCount: number;
	readonly timings: Readonly<Record<string, number>>;
	/** When the sweep looks at it next; null: nothing is left to do. In the sweep index only while set. */
	readonly dueAt: string | null;
	/** After this instant an open job is given up. */
	readonly deadlineAt: string;
	/** Epoch seconds: the table's TTL. Expired rows are treated as gone. */
	readonly expiresAt: number;
}

export interface SessionRow {
	readonly sub: string;
	readonly sessionId: string;
	readonly name: string;
	readonly createdAt: string;
	readonly contentType: PhotoContentType;
	/** Set by initialize (or by reconstruct, when that comes first). */
	readonly photo: {
		etag: string;
		sizeBytes: number;
		width: number;
		height: number;
	} | null;
	/** Oldest first. */
	readonly jobIds: readonly string[];
	readonly deletedAt: string | null;
	readonly expiresAt: number;
}
