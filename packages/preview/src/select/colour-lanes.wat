;; How alike regions are in colour to the regions just outside a box, for colour-lanes.ts.
;; Compiled to generated/colour-lanes.ts by `pnpm fix`.
(module
  (memory (export "memory") 1)

  ;; The largest Hellinger affinity of each listed region with any of the others.
  (func (export "mostAlike")
    (param $row i32)      ;; i32 [regions]: where each region's roots of shares begin, f32 [24], mostly 0
    (param $rowsEnd i32)
    (param $others i32)   ;; f64 [24][columns]: the same of the others, word by word
    (param $stride i32)   ;; bytes of a word's columns, a multiple of 128; what is too many is 0
    (param $out i32)      ;; f64 [regions]

    (local $word i32) (local $wordsEnd i32) (local $at i32) (local $column i32) (local $share f32)
    (local $own v128) (local $most v128)
    (local $a0 v128) (local $a1 v128) (local $a2 v128) (local $a3 v128) (local $a4 v128) (local $a5 v128) (local $a6 v128) (local $a7 v128)

    (block $done
      (loop $next_region
        (br_if $done (i32.ge_u (local.get $row) (local.get $rowsEnd)))
        (local.set $most (v128.const f64x2 0 0))
        (local.set $column (i32.const 0))
        (loop $next_columns
          (local.set $a0 (v128.const f64x2 0 0))
          (local.set $a1 (v128.const f64x2 0 0))
          (local.set $a2 (v128.const f64x2 0 0))
          (local.set $a3 (v128.const f64x2 0 0))
          (local.set $a4 (v128.const f64x2 0 0))
          (local.set $a5 (v128.const f64x2 0 0))
          (local.set $a6 (v128.const f64x2 0 0))
          (local.set $a7 (v128.const f64x2 0 0))
          (local.set $word (i32.load (local.get $row)))
          (local.set $wordsEnd (i32.add (local.get $word) (i32.const 96)))
          (local.set $at (i32.add (local.get $others) (local.get $column)))
          (loop $next_word
            (local.set $share (f32.load (local.get $word)))
            (if (f32.ne (local.get $share) (f32.const 0))
              (then
                (local.set $own (f64x2.splat (f64.promote_f32 (local.get $share))))
                (local.set $a0 (f64x2.add (local.get $a0) (f64x2.mul (local.get $own) (v128.load (local.get $at)))))
                (local.set $a1 (f64x2.add (local.get $a1) (f64x2.mul (local.get $own) (v128.load offset=16 (local.get $at)))))
                (local.set $a2 (f64x2.add (local.get $a2) (f64x2.mul (local.get $own) (v128.load offset=32 (local.get $at)))))
                (local.set $a3 (f64x2.add (local.get $a3) (f64x2.mul (local.get $own) (v128.load offset=48 (local.get $at)))))
                (local.set $a4 (f64x2.add (local.get $a4) (f64x2.mul (local.get $own) (v128.load offset=64 (local.get $at)))))
                (local.set $a5 (f64x2.add (local.get $a5) (f64x2.mul (local.get $own) (v128.load offset=80 (local.get $at)))))
                (local.set $a6 (f64x2.add (local.get $a6) (f64x2.mul (local.get $own) (v128.load offset=96 (local.get $at)))))
                (local.set $a7 (f64x2.add (local.get $a7) (f64x2.mul (local.get $own) (v128.load offset=112 (local.get $at)))))))
            (local.set $at (i32.add (local.get $at) (local.get $stride)))
            (local.set $word (i32.add (local.get $word) (i32.const 4)))
            (br_if $next_word (i32.lt_u (local.get $word) (local.get $wordsEnd))))
          (local.set $most (f64x2.max (local.get $most) (local.get $a0)))
          (local.set $most (f64x2.max (local.get $most) (local.get $a1)))
          (local.set $most (f64x2.max (local.get $most) (local.get $a2)))
          (local.set $most (f64x2.max (local.get $most) (local.get $a3)))
          (local.set $most (f64x2.max (local.get $most) (local.get $a4)))
          (local.set $most (f64x2.max (local.get $most) (local.get $a5)))
          (local.set $most (f64x2.max (local.get $most) (local.get $a6)))
          (local.set $most (f64x2.max (local.get $most) (local.get $a7)))
          (local.set $column (i32.add (local.get $column) (i32.const 128)))
          (br_if $next_columns (i32.lt_u (local.get $column) (local.get $stride))))
        (f64.store (local.get $out)
          (f64.max (f64x2.extract_lane 0 (local.get $most)) (f64x2.extract_lane 1 (local.get $most))))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (br $next_region)))))
