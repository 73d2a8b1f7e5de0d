import { useMemo } from 'preact/hooks'
import type { SelectionDocument } from './document.ts'
import type { Selection } from './selection.ts'

/** Many small changes of one control (letters of a name, a slider on its way) as one step of undo. */
export function useOneStep(selection: Selection) {
  return useMemo(() => {
    let open = false
    return {
      change(step: (document: SelectionDocument) => SelectionDocument): void {
        if (open) selection.amend(step)
        else selection.change(step)
        open = true
      },
      /** The control was let go: what comes now is a step of its own. */
      end(): void {
        open = false
      },
    }
  }, [selection])
}
