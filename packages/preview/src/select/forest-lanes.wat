;; Boosted trees for eight rows at once, for forest-lanes.ts, which says what stands where in the memory.
;; QuickScorer (Lucchese et al., SIGIR 2015), its comparisons in the lanes of a vector (Lucchese et al., SIGIR 2016).
;; Compiled to generated/forest-lanes.ts by `pnpm fix`.
(module
  (memory (export "memory") 1)

  (func (export "run")
    (param $blocks i32)   ;; of eight rows
    (param $rows i32)     ;; i32 [blocks][8]: where each row of numbers (f32) begins
    (param $spans i32)    ;; i32 [columns][3]: first and end of a column's splits, where it stands in a row
    (param $spansEnd i32)
    (param $known i32)    ;; i32 [trees]: the leaves that what all rows share leaves over
    (param $trees i32)
    (param $alive i32)    ;; i32 [trees][8]: room for the leaves left over, a bit each
    (param $leaves i32)   ;; f32 [trees][32]
    (param $base f64)
    (param $out i32)      ;; f64 [blocks][8]

    (local $row0 i32) (local $row1 i32) (local $row2 i32) (local $row3 i32) (local $row4 i32) (local $row5 i32) (local $row6 i32) (local $row7 i32)
    (local $aliveEnd i32) (local $column i32) (local $span i32) (local $split i32) (local $end i32) (local $at i32) (local $from i32)
    (local $low v128) (local $high v128) (local $threshold v128) (local $stays v128)
    (local $yesLow v128) (local $yesHigh v128)
    (local $a f64) (local $b f64) (local $c f64) (local $d f64) (local $e f64) (local $f f64) (local $g f64) (local $h f64)

    (local.set $aliveEnd (i32.add (local.get $alive) (i32.shl (local.get $trees) (i32.const 5))))
    (block $done
      (loop $next_block
        (br_if $done (i32.eqz (local.get $blocks)))
        (local.set $blocks (i32.sub (local.get $blocks) (i32.const 1)))

        (local.set $row0 (i32.load (local.get $rows)))
        (local.set $row1 (i32.load offset=4 (local.get $rows)))
        (local.set $row2 (i32.load offset=8 (local.get $rows)))
        (local.set $row3 (i32.load offset=12 (local.get $rows)))
        (local.set $row4 (i32.load offset=16 (local.get $rows)))
        (local.set $row5 (i32.load offset=20 (local.get $rows)))
        (local.set $row6 (i32.load offset=24 (local.get $rows)))
        (local.set $row7 (i32.load offset=28 (local.get $rows)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 32)))

        (local.set $at (local.get $alive))
        (local.set $from (local.get $known))
        (loop $next_tree
          (local.set $stays (v128.load32_splat (local.get $from)))
          (v128.store (local.get $at) (local.get $stays))
          (v128.store offset=16 (local.get $at) (local.get $stays))
          (local.set $from (i32.add (local.get $from) (i32.const 4)))
          (local.set $at (i32.add (local.get $at) (i32.const 32)))
          (br_if $next_tree (i32.lt_u (local.get $at) (local.get $aliveEnd))))

        (local.set $span (local.get $spans))
        (block $columnsDone
          (loop $next_column
            (br_if $columnsDone (i32.ge_u (local.get $span) (local.get $spansEnd)))
            (local.set $split (i32.load (local.get $span)))
            (local.set $end (i32.load offset=4 (local.get $span)))
            (local.set $column (i32.load offset=8 (local.get $span)))
            (local.set $span (i32.add (local.get $span) (i32.const 12)))
            (br_if $next_column (i32.ge_u (local.get $split) (local.get $end)))
            (local.set $low
              (v128.load32_lane 3 (i32.add (local.get $row3) (local.get $column))
              (v128.load32_lane 2 (i32.add (local.get $row2) (local.get $column))
              (v128.load32_lane 1 (i32.add (local.get $row1) (local.get $column))
              (v128.load32_zero (i32.add (local.get $row0) (local.get $column)))))))
            (local.set $high
              (v128.load32_lane 3 (i32.add (local.get $row7) (local.get $column))
              (v128.load32_lane 2 (i32.add (local.get $row6) (local.get $column))
              (v128.load32_lane 1 (i32.add (local.get $row5) (local.get $column))
              (v128.load32_zero (i32.add (local.get $row4) (local.get $column)))))))
            (loop $next_split
              (local.set $threshold (v128.load32_splat (local.get $split)))
              (local.set $yesLow (f32x4.le (local.get $low) (local.get $threshold)))
              (local.set $yesHigh (f32x4.le (local.get $high) (local.get $threshold)))
              ;; Thresholds rise: what all rows say yes to, they say yes to from here on.
              (br_if $next_column (i32x4.all_true (v128.and (local.get $yesLow) (local.get $yesHigh))))
              (local.set $stays (v128.load32_splat offset=8 (local.get $split)))
              (local.set $at (i32.add (local.get $alive) (i32.load offset=4 (local.get $split))))
              (v128.store (local.get $at)
                (v128.and (v128.load (local.get $at)) (v128.or (local.get $yesLow) (local.get $stays))))
              (v128.store offset=16 (local.get $at)
                (v128.and (v128.load offset=16 (local.get $at)) (v128.or (local.get $yesHigh) (local.get $stays))))
              (local.set $split (i32.add (local.get $split) (i32.const 12)))
              (br_if $next_split (i32.lt_u (local.get $split) (local.get $end))))
            (br $next_column)))

        (local.set $a (local.get $base))
        (local.set $b (local.get $base))
        (local.set $c (local.get $base))
        (local.set $d (local.get $base))
        (local.set $e (local.get $base))
        (local.set $f (local.get $base))
        (local.set $g (local.get $base))
        (local.set $h (local.get $base))
        (local.set $at (local.get $alive))
        (local.set $from (local.get $leaves))
        (loop $next_tree
          (local.set $a (f64.add (local.get $a) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load (local.get $at))) (i32.const 2)))))))
          (local.set $b (f64.add (local.get $b) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load offset=4 (local.get $at))) (i32.const 2)))))))
          (local.set $c (f64.add (local.get $c) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load offset=8 (local.get $at))) (i32.const 2)))))))
          (local.set $d (f64.add (local.get $d) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load offset=12 (local.get $at))) (i32.const 2)))))))
          (local.set $e (f64.add (local.get $e) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load offset=16 (local.get $at))) (i32.const 2)))))))
          (local.set $f (f64.add (local.get $f) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load offset=20 (local.get $at))) (i32.const 2)))))))
          (local.set $g (f64.add (local.get $g) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load offset=24 (local.get $at))) (i32.const 2)))))))
          (local.set $h (f64.add (local.get $h) (f64.promote_f32 (f32.load
            (i32.add (local.get $from) (i32.shl (i32.ctz (i32.load offset=28 (local.get $at))) (i32.const 2)))))))
          (local.set $from (i32.add (local.get $from) (i32.const 128)))
          (local.set $at (i32.add (local.get $at) (i32.const 32)))
          (br_if $next_tree (i32.lt_u (local.get $at) (local.get $aliveEnd))))
        (f64.store (local.get $out) (local.get $a))
        (f64.store offset=8 (local.get $out) (local.get $b))
        (f64.store offset=16 (local.get $out) (local.get $c))
        (f64.store offset=24 (local.get $out) (local.get $d))
        (f64.store offset=32 (local.get $out) (local.get $e))
        (f64.store offset=40 (local.get $out) (local.get $f))
        (f64.store offset=48 (local.get $out) (local.get $g))
        (f64.store offset=56 (local.get $out) (local.get $h))
        (local.set $out (i32.add (local.get $out) (i32.const 64)))
        (br $next_block)))))
