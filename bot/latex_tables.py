"""The tables of ``latex.py``: TeX names and what stands for them in Unicode. Data only."""

# fmt: off


def _pairs(table: str) -> dict[str, str]:
    items = table.split()
    return dict(zip(items[::2], items[1::2], strict=True))


def _words(table: str) -> list[str]:
    return table.split()


SYMBOLS = _pairs("""
alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν
xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω varOmega Ω varGamma Γ varDelta Δ
eps ε lam λ veps ε vepsi ε digamma ϝ
ell ℓ hbar ℏ imath ı jmath ȷ Re ℜ Im ℑ wp ℘ aleph ℵ beth ℶ partial ∂ nabla ∇ infty ∞ emptyset ∅ varnothing ∅
forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠ triangle △ square □ Box □ Diamond ◇ diamond ⋄ lozenge ◊
blacksquare ■ bigtriangleup △ bigtriangledown ▽ bigcirc ○ checkmark ✓ star ⋆ bigstar ★ bullet • dagger † ddagger ‡ dag †
ddag ‡ prime ′ degree ° textdegree ° circ ∘ sharp ♯ flat ♭ natural ♮ clubsuit ♣ spadesuit ♠ heartsuit ♥ diamondsuit ♦
sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ bigoplus ⨁ bigotimes ⨂ bigvee ⋁ bigwedge ⋀
bigsqcup ⨆ biguplus ⨄ surd √ ldots … dots … cdots ⋯ dotsc … dotsb … hdots … vdots ⋮ ddots ⋱ textellipsis …
langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } lbrack [ rbrack ] vert | Vert ‖ lvert | rvert |
lVert ‖ rVert ‖ backslash \\ colon : And & AND & lt < gt > percent % textbackslash \\ textbar | textless < textgreater >
textasciitilde ~ textasciicircum ^ textunderscore _ textdollar $ textquotesingle ' textquoteleft ‘ textquoteright ’
textquotedblleft “ textquotedblright ” textemdash — textendash – textbullet • textregistered ® texttrademark ™
textcopyright © copyright © registered ® circledR ® trademark ™ pounds £ euro € texteuro € yen ¥ S § P ¶ textmu μ
textsection § textpm ± texttimes × textperiodcentered · textonehalf ½
ss ß ae æ AE Æ oe œ OE Œ o ø O Ø l ł L Ł aa å AA Å i ı j ȷ dh ð DH Ð th þ TH Þ dj đ DJ Đ ng ŋ NG Ŋ lq ‘ rq ’
R ℝ C ℂ Z ℤ N ℕ Q ℚ RR ℝ CC ℂ ZZ ℤ NN ℕ QQ ℚ FF 𝔽 HH ℍ bR ℝ bC ℂ IR ℝ bbR ℝ
uparrow ↑ downarrow ↓ Uparrow ⇑ Downarrow ⇓ updownarrow ↕ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖ TeX TeX LaTeX LaTeX
complement ∁ mho ℧ eth ð slash / upmu μ textalpha α textbeta β textgamma γ
""")

# Signs that keep the spacing of the author.
BINARY = _pairs("""
times × cdot · pm ± mp ∓ div ÷ ast * otimes ⊗ oplus ⊕ ominus ⊖ odot ⊙ oslash ⊘ cap ∩ cup ∪ sqcap ⊓ sqcup ⊔ uplus ⊎
wedge ∧ vee ∨ land ∧ lor ∨ setminus ∖ smallsetminus ∖ wr ≀ amalg ⨿ rtimes ⋊ ltimes ⋉ boxtimes ⊠ boxplus ⊞ bowtie ⋈
cdotp · centerdot · boxdot ⊡ triangleleft ◁ triangleright ▷ barwedge ⊼ veebar ⊻
""")

# Signs with room on both sides.
RELATIONS = _pairs("""
leq ≤ le ≤ leqslant ≤ leqq ≤ geq ≥ ge ≥ geqslant ≥ geqq ≥ neq ≠ ne ≠ ll ≪ gg ≫ lll ⋘ ggg ⋙ lesssim ≲ gtrsim ≳ approx ≈
sim ∼ simeq ≃ cong ≅ equiv ≡ propto ∝ asymp ≍ doteq ≐ triangleq ≜ coloneqq ≔ approxeq ≊ thickapprox ≈ thicksim ∼
lessapprox ⪅ gtrapprox ⪆ prec ≺ succ ≻ preceq ⪯ succeq ⪰ preccurlyeq ≼ succcurlyeq ≽ in ∈ notin ∉ ni ∋ subset ⊂
supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ subseteqq ⊆ sqsubseteq ⊑ sqsupseteq ⊒ nsubseteq ⊈ mid ∣ nmid ∤
parallel ∥ nparallel ∦ perp ⊥ vdash ⊢ dashv ⊣ models ⊨ vDash ⊨ Vdash ⊩ trianglelefteq ⊴ unlhd ⊴ lhd ⊲ rhd ⊳
to → rightarrow → longrightarrow → leftarrow ← gets ← longleftarrow ← leftrightarrow ↔ longleftrightarrow ↔
Rightarrow ⇒ Longrightarrow ⇒ implies ⇒ Leftarrow ⇐ impliedby ⇐ Leftrightarrow ⇔ Longleftrightarrow ⇔ iff ⇔
mapsto ↦ longmapsto ↦ hookrightarrow ↪ hookleftarrow ↩ twoheadrightarrow ↠ rightarrowtail ↣ rightsquigarrow ⇝ leadsto ⇝
rightleftharpoons ⇌ rightharpoonup ⇀ leftharpoonup ↼ xrightarrow → xleftarrow ← upharpoonright ↾ restriction ↾
lessgtr ≶ gtrless ≷ between ≬ smile ⌣ frown ⌢ nleq ≰ ngeq ≱ nless ≮ ngtr ≯ ncong ≇ nsim ≁ multimap ⊸
""")

# Names set upright, apart from what stands next to them.
FUNCTIONS = {name: name for name in _words("""
log ln lg exp sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth min max inf sup lim limsup liminf arg
argmax argmin det dim deg ker hom gcd lcm Pr poly polylog mod bmod sgn sign rank diag tr Tr Hom End Aut Ext Tor Gal
Spec Out Inn span vol supp softmax
""")}
FUNCTIONS |= {"limsup": "lim sup", "liminf": "lim inf", "bmod": "mod"}

# Spacing, fonts and sizes: nothing to show.
SILENT = frozenset(_words("""
em it bf rm sl sc tt sf mit scr bfseries itshape rmfamily sffamily ttfamily scshape slshape upshape mdseries
normalfont tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge displaystyle textstyle
scriptstyle scriptscriptstyle limits nolimits left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr
Biggl Biggr bigm Bigm noindent indent par centering protect boldmath unboldmath relax null mathstrut allowbreak
nonumber notag smallskip medskip bigskip hfill ensuremath xspace maketitle linebreak nolinebreak newpage mathop
mathbin mathrel mathord mathopen mathclose mathpunct displaylimits bold mathversion selectfont frenchspacing
"""))

# Commands with arguments that are more than a font, and how many they take.
TAKES = dict.fromkeys(_words("""
sqrt mathbb Bbb mathds mathbbm unicode textsuperscript textsubscript hyperref color url pmod footnote abs norm enquote
ref eqref autoref cref Cref label cite citep citet citealp citealt citeauthor citeyear parencite textcite autocite
begin end vspace hspace thanks pagestyle vskip index hphantom vphantom phantom mspace hat widehat tilde widetilde bar
overline vec dot ddot check breve acute grave mathring not c v u H k r b d t
"""), 1) | dict.fromkeys(_words("""
frac dfrac tfrac cfrac nicefrac sfrac binom dbinom tbinom href hyperlink textcolor colorbox overset underset stackrel
raisebox scalebox
"""), 2)

# Fonts: the next piece as it is.
FONTS = frozenset(_words("""
mathrm mathbf mathfrak mathcal mathscr mathsf mathtt mathit mathnormal mathbold boldsymbol bm pmb cal frak Cal
EuScript textbf textit textrm textsf texttt textsc textsl textup textmd textnormal emph text mbox hbox fbox underline
uline operatorname
"""))

DROPPED = frozenset(_words("""
ref eqref autoref cref Cref label cite citep citet citealp citealt citeauthor citeyear parencite textcite autocite
begin end vspace hspace thanks pagestyle vskip index hphantom vphantom phantom mspace color
"""))

# What stands before and after the last argument.
PREFIXES = {
    "pmod": (" (mod ", ")"), "footnote": (" (", ")"), "abs": ("|", "|"), "norm": ("‖", "‖"), "enquote": ("“", "”"),
    "binom": ("(", ")"), "dbinom": ("(", ")"), "tbinom": ("(", ")"),
}

ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a", "b": "\u0331",
    "d": "\u0323", "hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "widetilde": "\u0303", "bar": "\u0304",
    "overline": "\u0304", "vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c", "breve": "\u0306",
    "acute": "\u0301", "grave": "\u0300", "mathring": "\u030a", "not": "\u0338",
}

SPACES = {",": " ", ";": " ", ":": " ", ">": " ", " ": " ", "\\": " ", "!": "", "-": "", "/": "", "@": ""}

RAISED = dict(zip(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ∘⊤′",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡ°ᵀ′", strict=True))
LOWERED = dict(zip("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
DOUBLE_STRUCK = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ1k", "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ𝟙𝕜", strict=True))
