/** Columns of what a region has to do with the clicks of one label (see `ClickFeatures`): inside first, then outside. */
export const BLOCK = 15
/** Then random walks and what compares the two labels (see `PromptFeatures`), then the box (see `BoxFeatures`). */
export const WALKS = 2 * BLOCK
export const BOX = WALKS + 24
/** The last twelve are those of `BoxTreeFeatures`. */
export const BOX_TREE = BOX + 10
export const BOX_COLUMNS = 22
export const FEATURES = BOX + BOX_COLUMNS

/** Columns that the fallback reads by name. */
export const COLUMN = {
  walk: WALKS,
  ratioOutside: WALKS + 3,
  ratioFrame: WALKS + 4,
}
