/** A session's name, with what can be done to the session as a whole. */
import { MAX_NAME_LENGTH } from '@gen3d/shared/limits'
import { useSignal } from '@preact/signals'
import { ShareDialog } from '../share/share-dialog.tsx'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Dialog, Fault, Field, IconButton, ScreenTitle } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import type { Workspace } from './workspace.ts'

const text = strings.session

function RenameDialog({ workspace, onClose }: { workspace: Workspace; onClose: () => void }) {
  const { client, say } = useStore()
  const task = useTask()
  return (
    <Dialog title={text.rename} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const typed = new FormData(event.currentTarget as HTMLFormElement).get('name')
          const name = String(typed ?? '').trim()
          if (name === '') return
          void task.run(async () => {
            workspace.name.value = (await client.renameSession(workspace.sessionId, { name })).name
            say(text.renamed(name))
            onClose()
          })
        }}
      >
        <Field
          label={text.newName}
          name="name"
          value={workspace.name.peek()}
          maxLength={MAX_NAME_LENGTH}
          autocomplete="off"
          autoFocus
        />
        {task.error ? <Fault error={task.error} /> : null}
        <div class="row">
          <button type="submit" class="primary" disabled={task.busy}>
            {text.saveName}
          </button>
          <button type="button" onClick={onClose}>
            {strings.cancel}
          </button>
        </div>
      </form>
    </Dialog>
  )
}

interface Props {
  workspace: Workspace
  documentTitle: string
  /** Nothing can be done to a session that could not be read. */
  usable: boolean
}

export function SessionName({ workspace, documentTitle, usable }: Props) {
  const open = useSignal<'rename' | 'share' | null>(null)
  const close = () => (open.value = null)
  return (
    <div class="session-name">
      <ScreenTitle documentTitle={documentTitle}>{workspace.name.value || text.untitled}</ScreenTitle>
      {usable && <IconButton icon="pen" label={text.rename} onClick={() => (open.value = 'rename')} />}
      {usable && workspace.results.value.length > 0 && (
        <IconButton icon="share" label={strings.share.title} onClick={() => (open.value = 'share')} />
      )}
      {open.value === 'rename' && <RenameDialog workspace={workspace} onClose={close} />}
      {open.value === 'share' && <ShareDialog sessionId={workspace.sessionId} onClose={close} />}
    </div>
  )
}
