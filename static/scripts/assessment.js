// While an assessment is answered: saves it as one types, and shows what a colleague answered meanwhile. Without this
// script the buttons below do the same.

const AFTER_TYPING = 1500 // milliseconds without a key
const AGAIN = 5000 // when it could not be saved
const MOST = 60_000 // characters that a browser still sends when the page is left; it refuses more than 64 KB
const PARTS = ['said', 'note', 'source']
const BY_ITSELF = { 'X-CAIT-Saves-By-Itself': '1' }

export function saveAnswers () {
  const form = document.getElementById('answers')
  const status = document.getElementById('saved-by-itself')
  if (!form || !status) return

  const typed = () => new URLSearchParams(new FormData(form))
  // A browser that goes back puts in again what was typed before: that is not what is saved.
  const asOpened = () => {
    const fields = [...form.elements].filter((field) => field.type !== 'radio' || field.defaultChecked)
    return new URLSearchParams(fields.map((field) => [field.name, field.defaultValue]))
  }

  let timer
  let sending = null
  let typedMeanwhile = false
  let unsaved = false
  // It is not being written any more, or nothing of this page is asked any more: trying again is of no use.
  let ended = false
  // What is on its way, and what is saved.
  let sent = null
  let kept = asOpened()

  const soon = (wait) => {
    clearTimeout(timer)
    timer = setTimeout(save, wait)
  }

  // After signing in again in another tab the form needs that session's token.
  const takeNewToken = async () => {
    const page = await fetch(location.href, { redirect: 'manual' })
    if (!page.ok) return
    const fresh = new DOMParser().parseFromString(await page.text(), 'text/html')
    const token = fresh.querySelector('#answers [name=csrfmiddlewaretoken]')
    if (token) form.elements.csrfmiddlewaretoken.value = token.value
  }

  // What is wrong with one question, or what a colleague answered. Theirs is not overwritten by itself: only a button
  // puts what was typed in its place.
  const beside = (name, words) => {
    const place = document.getElementById(`wrong-${name}`)
    if (!place || place.textContent === words) return
    place.textContent = words
    place.hidden = words === ''
  }

  // What a colleague answered where nothing was typed here since it was sent.
  const takeIn = (name, fresh, sent) => {
    const fields = PARTS.map((part) => form.elements[`${part}-${name}`])
    if (PARTS.some((part, place) => fields[place].value !== (sent.get(`${part}-${name}`) ?? ''))) return
    PARTS.forEach((part, place) => { fields[place].value = fresh[part] })
    form.elements[`version-${name}`].value = fresh.version
  }

  const show = (told, sent) => {
    for (const [name, version] of Object.entries(told.versions)) {
      form.elements[`version-${name}`].value = version
      beside(name, told.wrong[name] || '')
    }
    for (const [name, words] of Object.entries(told.theirs)) beside(name, words)
    for (const [name, fresh] of Object.entries(told.fresh)) takeIn(name, fresh, sent)
    if (told.version && form.elements.version) form.elements.version.value = told.version
    const held = Object.keys(told.theirs).length + Object.keys(told.wrong).length
    const but = [held ? 'but for what is marked below' : '', told.left].filter(Boolean).join('; ')
    status.textContent = but ? `${told.saved}, ${but}.` : `${told.saved}.`
    if (but) unsaved = true
  }

  const end = (page) => {
    const why = new DOMParser().parseFromString(page, 'text/html').getElementById('not-taken')
    ended = true
    status.textContent = `Not saved. ${why ? why.textContent : ''} What you typed stays here; a button below shows it as a list.`
  }

  const send = async () => {
    let answer
    try {
      sent = typed()
      answer = await fetch(location.href, { method: 'POST', body: sent, headers: BY_ITSELF, redirect: 'manual' })
      if (answer.ok) {
        const told = await answer.json()
        unsaved = typedMeanwhile
        if (told.kept) kept = sent
        show(told, sent)
        return
      }
      if (answer.status === 409) {
        end(await answer.text())
        return
      }
      if (answer.status === 403) await takeNewToken()
    } catch {
      answer = null // no network: said below, and tried again
    }
    const signedOut = answer && (answer.type === 'opaqueredirect' || answer.status === 403)
    status.textContent = signedOut
      ? 'Not saved: you are signed out. Sign in in another tab and come back; what you typed stays here.'
      : 'Not saved: CAIT does not answer. What you typed stays here, and CAIT tries again.'
    if (signedOut) await takeNewToken().catch(() => {})
    soon(AGAIN)
  }

  async function save () {
    if (ended) return
    if (sending) {
      typedMeanwhile = true
      return
    }
    sending = send()
    await sending
    sending = sent = null
    if (typedMeanwhile) {
      typedMeanwhile = false
      soon(AFTER_TYPING)
    }
  }

  for (const happening of ['input', 'change']) {
    form.addEventListener(happening, () => {
      unsaved = true
      if (sending) typedMeanwhile = true
      soon(AFTER_TYPING)
    })
  }

  // Of what a form said, the answers that are not yet saved as they are.
  const changed = (said) => {
    const body = new URLSearchParams(said)
    for (const name of [...said.keys()].filter((each) => each.startsWith('version-')).map((each) => each.slice(8))) {
      const fields = PARTS.map((part) => `${part}-${name}`)
      if (fields.every((field) => said.get(field) === kept.get(field))) {
        for (const field of [...fields, `version-${name}`]) body.delete(field)
      }
    }
    return body
  }

  // What the browser sends on its way out; with what is on its way already, which may never arrive.
  const last = () => {
    const body = changed(typed())
    if (sent) body.set('meanwhile', changed(sent))
    return body
  }

  // Whoever leaves the page within that second loses nothing; more than the browser sends then it asks about.
  window.addEventListener('pagehide', () => {
    if (!unsaved || ended) return
    fetch(location.href, { method: 'POST', body: last(), headers: BY_ITSELF, keepalive: true }).catch(() => {})
  })
  window.addEventListener('beforeunload', (event) => {
    if (unsaved && (ended || last().toString().length > MOST)) event.preventDefault()
  })

  // A form that is sent while it is being saved would build on the versions before.
  form.addEventListener('submit', async (event) => {
    clearTimeout(timer)
    unsaved = false
    if (!sending) return
    event.preventDefault()
    await sending
    form.requestSubmit(event.submitter)
  })
}
